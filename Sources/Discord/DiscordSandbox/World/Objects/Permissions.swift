/// What a role or member may do. See Discord's Permissions (topics/permissions).
package struct Permissions: OptionSet, Sendable, Hashable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let createInstantInvite = Permissions(rawValue: 1 << 0)
    package static let kickMembers = Permissions(rawValue: 1 << 1)
    package static let banMembers = Permissions(rawValue: 1 << 2)
    package static let administrator = Permissions(rawValue: 1 << 3)
    package static let manageChannels = Permissions(rawValue: 1 << 4)
    package static let manageGuild = Permissions(rawValue: 1 << 5)
    package static let addReactions = Permissions(rawValue: 1 << 6)
    package static let viewChannel = Permissions(rawValue: 1 << 10)
    package static let sendMessages = Permissions(rawValue: 1 << 11)
    package static let manageMessages = Permissions(rawValue: 1 << 13)
    package static let embedLinks = Permissions(rawValue: 1 << 14)
    package static let attachFiles = Permissions(rawValue: 1 << 15)
    package static let readMessageHistory = Permissions(rawValue: 1 << 16)
    package static let mentionEveryone = Permissions(rawValue: 1 << 17)
    package static let connect = Permissions(rawValue: 1 << 20)
    package static let speak = Permissions(rawValue: 1 << 21)
    package static let muteMembers = Permissions(rawValue: 1 << 22)
    package static let deafenMembers = Permissions(rawValue: 1 << 23)
    package static let moveMembers = Permissions(rawValue: 1 << 24)
    package static let changeNickname = Permissions(rawValue: 1 << 26)
    package static let manageNicknames = Permissions(rawValue: 1 << 27)
    package static let manageRoles = Permissions(rawValue: 1 << 28)
    package static let useApplicationCommands = Permissions(rawValue: 1 << 31)
    package static let manageEvents = Permissions(rawValue: 1 << 33)
    package static let moderateMembers = Permissions(rawValue: 1 << 40)
    package static let createEvents = Permissions(rawValue: 1 << 44)

    /// Every documented bit.
    package static let all = Permissions(rawValue: (1 << 53) - 1)

    /// What `@everyone` may do in a new guild.
    package static let everyone: Permissions = [
        .createInstantInvite, .addReactions, .viewChannel, .sendMessages, .embedLinks, .attachFiles,
        .readMessageHistory, .connect, .speak, .changeNickname, .useApplicationCommands,
    ]

    /// What the seeded installation grants a bot: enough for messages, voice rooms, roles and events.
    package static let bot: Permissions = [
        .manageChannels, .viewChannel, .sendMessages, .manageMessages, .embedLinks, .attachFiles, .readMessageHistory,
        .mentionEveryone, .connect, .speak, .moveMembers, .manageRoles, .useApplicationCommands, .manageEvents,
        .createEvents, .addReactions, .createInstantInvite,
    ]

    var json: JSON { .string(String(rawValue)) }
}
