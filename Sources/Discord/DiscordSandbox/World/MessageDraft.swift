/// What a request says about a message: only the parts it names. Made by `MessageForm`, which checks them.
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

    /// Changes what the draft names. Of the flags an edit changes only some: whether a message is ephemeral is decided
    /// once, when it is made.
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
