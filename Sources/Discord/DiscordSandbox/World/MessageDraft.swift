/// The parts of a message that a request names. Created by `MessageForm`, which checks them.
struct MessageDraft {
    var content: String?
    var embeds: [JSON]?
    var components: [JSON]?
    var flags: Int?
    var tts = false
    var nonce: JSON?
    var enforcesNonce = false
    var allowedMentions: JSON?
    var referencedID: UInt64?

    /// Discord's rule: a message needs at least one of content, embeds, components.
    var isEmpty: Bool { (content ?? "").isEmpty && (embeds ?? []).isEmpty && (components ?? []).isEmpty }

    /// Changes the parts that the draft names. An edit changes only some flags: whether a message is ephemeral is decided
    /// when it is created.
    func apply(to message: inout Message, in world: World) {
        if let content { message.content = content }
        if let embeds { message.embeds = embeds }
        if let components { message.components = components }
        if let flags {
            message.flags = message.flags & ~Message.suppressEmbeds | flags & Message.suppressEmbeds
            message.flags |= flags & Message.componentsV2
        }
        if content != nil || allowedMentions != nil { world.resolveMentions(of: &message, allowed: allowedMentions) }
    }
}
