import Store
import Testing

struct AccessChangeTests {
    private static let changes: [(AccessChange, kind: String, payload: String)] = [
        (
            .granted(principal: "user/1", topic: "room/2"), "access.granted",
            #"{"principal":"user/1","topic":"room/2"}"#
        ),
        (
            .revoked(principal: "user/1", topic: "room/2"), "access.revoked",
            #"{"principal":"user/1","topic":"room/2"}"#
        ),
        (
            .sessionEnded(principal: "user/1", session: "s-3"), "session.ended",
            #"{"principal":"user/1","session":"s-3"}"#
        ),
    ]

    @Test(arguments: changes)
    func `a change is written on its principal's topic, in the form that older processes and logs know`(
        change: AccessChange, kind: String, payload: String
    ) {
        #expect(change.draft == EventDraft(topic: "user/1", kind: kind, payload: payload))
    }

    @Test func `a change for all who see a topic is written on that topic`() {
        let draft = EventDraft(topic: "room/2", kind: "access.changed", payload: #"{"topic":"room/2"}"#)
        #expect(AccessChange.changed(topic: "room/2").draft == draft)
    }

    @Test(
        arguments: changes.map(\.0) + [
            .changed(topic: "room/2"), .sessionEnded(principal: #"a"b\c/ä"#, session: "\u{1}\n"),
        ])
    func `a change reads back as it was written, and outsiders may not write it`(change: AccessChange) {
        let draft = change.draft
        #expect(AccessChange(Event(draft, number: 7, time: 0)) == change)
        #expect(AccessChange.reserves(kind: draft.kind))
    }

    @Test(arguments: [
        ("room.opened", #"{"principal":"user/1","topic":"room/2"}"#),
        ("access.renamed", #"{"principal":"user/1","topic":"room/2"}"#),
        ("access.granted", #"{"principal":"user/1","session":"s-3"}"#),
        ("access.revoked", #"{"topic":"room/2"}"#),
        ("access.changed", #"{"principal":"user/1","topic":"room/2"}"#), ("access.changed", "{}"),
        ("session.ended", #"{"principal":"user/1","topic":"room/2"}"#), ("session.ended", "user/1"),
    ])
    func `any other event changes nobody's access`(kind: String, payload: String) {
        #expect(AccessChange(Event(number: 1, topic: "user/1", kind: kind, payload: payload, time: 0)) == nil)
    }

    @Test func `kinds that only resemble the reserved ones may be written by outsiders`() {
        #expect(!["accessible", "access", "sessions.ended", "game.updated", ""].contains(where: AccessChange.reserves))
    }
}
