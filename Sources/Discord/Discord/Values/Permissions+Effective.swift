extension Permissions {
    /// What a member may do in a guild, by their roles (API: Permission Hierarchy).
    ///
    /// - Parameters:
    ///   - roles: all roles of the guild, @everyone among them.
    ///   - memberRoles: the roles that the member has.
    package static func inGuild(
        _ guildID: Snowflake, ownerID: Snowflake, roles: [Role], userID: Snowflake, memberRoles: [Snowflake]
    ) -> Permissions {
        if userID == ownerID { return .all }
        let held = Set(memberRoles)
        var permissions: Permissions = []
        for role in roles where role.id == guildID || held.contains(role.id) { permissions.formUnion(role.permissions) }
        return permissions.contains(.administrator) ? .all : permissions
    }

    /// What a member with these guild permissions may do in a channel: first the overwrite for @everyone, then those of
    /// all the member's roles together, then the member's own.
    package func overwritten(
        by overwrites: [PermissionOverwrite], guildID: Snowflake, userID: Snowflake, memberRoles: [Snowflake]
    ) -> Permissions {
        if contains(.administrator) { return .all }
        var permissions = self
        func apply(allow: Permissions, deny: Permissions) {
            permissions.subtract(deny)
            permissions.formUnion(allow)
        }
        if let everyone = overwrites.first(where: { $0.type == .role && $0.id == guildID }) {
            apply(allow: everyone.allow, deny: everyone.deny)
        }
        let held = Set(memberRoles)
        var allow: Permissions = []
        var deny: Permissions = []
        for overwrite in overwrites
        where overwrite.type == .role && overwrite.id != guildID && held.contains(overwrite.id) {
            allow.formUnion(overwrite.allow)
            deny.formUnion(overwrite.deny)
        }
        apply(allow: allow, deny: deny)
        if let own = overwrites.first(where: { $0.type == .member && $0.id == userID }) {
            apply(allow: own.allow, deny: own.deny)
        }
        return permissions
    }
}
