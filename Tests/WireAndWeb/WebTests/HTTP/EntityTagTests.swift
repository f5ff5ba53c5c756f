import Testing
import Web
import Wire

struct EntityTagTests {
    @Test(arguments: [
        #""a""#, #"W/"a""#, "*", " * ", #""b", "a""#, #""b","a","c""#, #"W/"b" , W/"a""#, #""x,y", "a""#,
        #", ,"a""#,
    ])
    func `a client that has what the tag names is recognised, weak tags included`(_ field: String) {
        #expect(EntityTag.isKnown(#""a""#, to: ["if-none-match": field]))
        #expect(EntityTag.isKnown(#"W/"a""#, to: ["if-none-match": field]))
    }

    @Test(arguments: [
        "", "a", #""A""#, #""b""#, #""b,"a","c""#, #""x,*,y""#, #"*, "b""#, #""a"#, #"w/"a""#, #"b "a""#, #"W/ "a""#,
    ])
    func `any other tag is not`(_ field: String) {
        #expect(!EntityTag.isKnown(#""a""#, to: ["if-none-match": field]))
        #expect(!EntityTag.isKnown(#""a""#, to: [:]))
    }

    @Test func `several fields are one list`() {
        var headers = Headers()
        headers.add("If-None-Match", #""b""#)
        headers.add("if-none-match", #""a""#)
        #expect(EntityTag.isKnown(#""a""#, to: headers))
    }
}
