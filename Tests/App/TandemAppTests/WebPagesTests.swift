import FoundationEssentials
import TandemApp
import Testing
import TestSupport

struct WebPagesTests {
    @Test func `a folder of pages in the working folder counts only in a debug build`() throws {
        // Tests run in the checkout.
        try #require(FileManager.default.fileExists(atPath: "Web/app/index.html"))
        #expect(try WebPages.find(nil, isDebugBuild: false).origin == "the program itself")
        #expect(try WebPages.find(nil, isDebugBuild: true).origin == "Web")
    }

    @Test func `the folder that is named counts in every build, or is a fault`() throws {
        let folder = try TemporaryFolder()
        for isDebugBuild in [false, true] {
            #expect(throws: WebPages.NotFound.self) { try WebPages.find(folder.path, isDebugBuild: isDebugBuild) }
        }
        try folder.write("app/index.html", "<!doctype html>")
        for isDebugBuild in [false, true] {
            #expect(try WebPages.find(folder.path, isDebugBuild: isDebugBuild).origin == folder.path)
        }
    }
}
