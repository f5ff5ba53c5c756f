/// Roles of a guild.
enum RoleRoutes {
    static let all: [Route] = [
        Route("GET", "/guilds/:guild/roles", limit: 10) { state, call throws(Refusal) in
            .ok(.array(try state.guild(call).sortedRoles.map { state.world.json($0) }))
        },
        Route("GET", "/guilds/:guild/roles/:role", limit: 10) { state, call throws(Refusal) in
            guard let role = try state.guild(call).roles[try call.id("role")] else { throw .unknown(.role) }
            return .ok(state.world.json(role))
        },
        Route("POST", "/guilds/:guild/roles", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.manageRoles, of: call.bot, in: guild.id)
            guard guild.roles.count < 250 else {
                throw Refusal(400, 30005, "Maximum number of guild roles reached (250)")
            }
            let form = call.form
            var role = Role(
                id: state.world.nextID(), name: "new role",
                permissions: guild.roles[guild.id]?.permissions ?? .everyone, position: 1)
            read(form, into: &role)
            try form.report.check()
            try requireHeld(role.permissions, by: call.bot, in: guild, state.world)
            state.world.save(role, in: guild.id)
            return .ok(state.world.json(role))
        },
        Route("PATCH", "/guilds/:guild/roles", limit: 5) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            try state.world.require(.manageRoles, of: call.bot, in: guild.id)
            let rank = state.world.rank(of: call.bot, in: guild.id)
            for element in call.body.arrayValue ?? [] {
                guard let id = element["id"]?.snowflake, var role = guild.roles[id] else { throw .unknown(.role) }
                guard let position = element["position"]?.intValue else { continue }
                guard role.position < rank, position < rank, position > 0, id != guild.id else {
                    throw .missingPermissions
                }
                role.position = position
                state.world.save(role, in: guild.id)
            }
            return .ok(.array((state.world.guilds[guild.id]?.sortedRoles ?? []).map { state.world.json($0) }))
        },
        Route("PATCH", "/guilds/:guild/roles/:role", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            let id = try call.id("role")
            guard var role = guild.roles[id] else { throw .unknown(.role) }
            try state.world.require(.manageRoles, of: call.bot, in: guild.id)
            guard role.position < state.world.rank(of: call.bot, in: guild.id) else { throw .missingPermissions }
            let form = call.form
            let before = role.permissions
            read(form, into: &role)
            try form.report.check()
            try requireHeld(role.permissions.subtracting(before), by: call.bot, in: guild, state.world)
            state.world.save(role, in: guild.id)
            return .ok(state.world.json(role))
        },
        Route("DELETE", "/guilds/:guild/roles/:role", limit: 10, per: .seconds(10)) { state, call throws(Refusal) in
            let guild = try state.guild(call)
            let id = try call.id("role")
            guard id != guild.id else { throw Refusal(400, 50028, "Invalid Role") }
            try state.requireManageable(id, by: call.bot, in: guild)
            state.world.removeRole(id, from: guild.id)
            return .noContent
        },
    ]

    private static func read(_ form: Form, into role: inout Role) {
        if let name = form.string("name", 0...100) { role.name = name.isEmpty ? "new role" : name }
        if let permissions = form.permissions("permissions") { role.permissions = permissions }
        if let color = form.integer("color", 0...0xFFFFFF) { role.color = color }
        if let colors = form.object("colors"), let color = colors.integer("primary_color", 0...0xFFFFFF) {
            role.color = color
        }
        if let hoist = form.boolean("hoist") { role.hoist = hoist }
        if let mentionable = form.boolean("mentionable") { role.mentionable = mentionable }
    }

    /// A bot may give a role only permissions that it has itself.
    private static func requireHeld(
        _ permissions: Permissions, by botID: UInt64, in guild: Guild, _ world: World
    ) throws(Refusal) {
        let everyone = guild.roles[guild.id]?.permissions ?? []
        guard world.permissions(of: botID, in: guild.id).union(everyone).isSuperset(of: permissions) else {
            throw .missingPermissions
        }
    }
}
