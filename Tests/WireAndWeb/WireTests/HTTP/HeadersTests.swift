import Testing
import Wire

@Suite(.tags(.wire)) struct HeadersTests {
    @Test func `names are found in any case, values stay in order`() {
        var headers: Headers = ["Set-Cookie": "a", "X": "1", "set-cookie": "b"]
        #expect(headers["SET-COOKIE"] == "a")
        #expect(headers.all("Set-cookie") == ["a", "b"])
        headers["Set-Cookie"] = "c"
        #expect(headers.map(\.value) == ["c", "1"])
        headers["x"] = nil
        #expect(!headers.contains("X"))
        headers["Y"] = "2"
        #expect(headers.map(\.name) == ["Set-Cookie", "Y"])
    }

    @Test func `lists go over several fields and leave empty elements out`() {
        let headers: Headers = ["Connection": " a ,, B", "connection": "\tc\t,"]
        #expect(headers.elements("Connection") == ["a", "B", "c"])
        #expect(headers.lists("b", in: "connection"))
        #expect(!headers.lists("d", in: "connection"))
    }
}
