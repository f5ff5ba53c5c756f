import Discord
import Testing

struct EventScheduleTests {
    private func guild(_ number: UInt64, channels: Int = 0) -> GatewayDelivery {
        let channels = (0..<channels).map {
            Channel(id: Snowflake(rawValue: number * 1000 + UInt64($0)), type: .guildText)
        }
        return .guilds([
            GuildCreate(
                guild: Guild(id: Snowflake(rawValue: number), name: "", ownerID: 1), joinedAt: Timestamp(text: ""),
                memberCount: 1, channels: channels)
        ])
    }

    private func press(_ number: UInt64, in guild: UInt64?) -> GatewayDelivery {
        .event(
            .interactionCreate(
                Interaction(
                    id: Snowflake(rawValue: number), applicationID: 1, type: .component,
                    guildID: guild.map { Snowflake(rawValue: $0) }, token: Token("t"))))
    }

    private func left(_ user: UInt64, _ guild: UInt64) -> GatewayDelivery {
        .event(
            .guildMemberRemove(
                GuildMemberRemove(
                    guildID: Snowflake(rawValue: guild), user: User(id: Snowflake(rawValue: user), username: "u"))))
    }

    private func chunk(_ guild: UInt64) -> GatewayDelivery {
        .event(.guildMembersChunk(GuildMembersChunk(guildID: Snowflake(rawValue: guild))))
    }

    private let ready = GatewayDelivery.event(
        .ready(
            Ready(
                user: User(id: 1, username: "tandem"), sessionID: "s", resumeGatewayURL: "",
                application: ReadyApplication(id: 1))))

    private func all(_ schedule: inout EventSchedule) -> [GatewayDelivery] {
        var all: [GatewayDelivery] = []
        while let next = schedule.next() { all.append(next) }
        return all
    }

    /// How many guilds came before the first interaction.
    private func guildsBeforePress(_ deliveries: [GatewayDelivery]) -> Int {
        deliveries.prefix { if case .event(.interactionCreate) = $0 { false } else { true } }.reduce(0) { count, next in
            if case .guilds(let creates) = next { count + creates.count } else { count }
        }
    }

    @Test func `without interactions events keep their order, and guilds come several at a time`() {
        var schedule = EventSchedule(guilds: 3, size: 100)
        let events = (1...7).map { guild($0) } + [left(9, 1), .acknowledged(at: 0), guild(8), left(9, 8)]
        for event in events { schedule.add(event) }
        #expect(schedule.count == events.count)
        let handed = all(&schedule)
        let sizes = handed.map { if case .guilds(let creates) = $0 { creates.count } else { 0 } }
        #expect(sizes == [3, 3, 1, 0, 0, 1, 0])
        let flat = handed.flatMap { delivery -> [GatewayDelivery] in
            if case .guilds(let creates) = delivery { creates.map { .guilds([$0]) } } else { [delivery] }
        }
        #expect(flat == events)
        #expect(schedule.count == 0)
    }

    @Test func `guilds that come together have a limited size, but each comes`() {
        var schedule = EventSchedule(guilds: 100, size: 50)
        for number in 1...4 { schedule.add(guild(UInt64(number), channels: 20)) }
        schedule.add(guild(5, channels: 500))
        let sizes = all(&schedule).map { if case .guilds(let creates) = $0 { creates.count } else { 0 } }
        #expect(sizes == [2, 2, 1])
    }

    @Test func `an interaction overtakes everything but its own guild's earlier events`() {
        var schedule = EventSchedule(guilds: 10)
        for number in 1...2500 { schedule.add(guild(UInt64(number))) }
        schedule.add(.acknowledged(at: 0))
        schedule.add(left(7, 2000))
        schedule.add(press(1, in: 2000))
        schedule.add(left(8, 2000))
        #expect(schedule.next() == guild(2000))
        #expect(schedule.next() == left(7, 2000))
        #expect(schedule.next() == press(1, in: 2000))
        let rest = all(&schedule)
        #expect(guildsBeforePress(rest) == 2499)
        #expect(
            rest.suffix(2) == [.acknowledged(at: 0), left(8, 2000)],
            "whoever acknowledges has recorded what came before")
    }

    @Test func `interactions keep their order, also those of no guild`() {
        var schedule = EventSchedule()
        schedule.add(guild(1))
        for number in 1...5 { schedule.add(press(UInt64(number), in: number == 3 ? nil : UInt64(number))) }
        let presses = all(&schedule).compactMap { delivery -> UInt64? in
            if case .event(.interactionCreate(let press)) = delivery { press.id.rawValue } else { nil }
        }
        #expect(presses == [1, 2, 3, 4, 5])
    }

    @Test func `parts of a member list are overtaken by their own guild's interactions too`() {
        var schedule = EventSchedule()
        for _ in 1...100 { schedule.add(chunk(1)) }
        schedule.add(left(3, 1))
        schedule.add(press(1, in: 1))
        schedule.add(press(2, in: 1))
        #expect((1...3).map { _ in schedule.next() } == [left(3, 1), press(1, in: 1), press(2, in: 1)])
        #expect(all(&schedule) == Array(repeating: chunk(1), count: 100))
    }

    @Test func `nothing overtakes READY, and the guilds of the session before are left out`() {
        var schedule = EventSchedule()
        for number in 1...50 { schedule.add(guild(UInt64(number))) }
        schedule.add(left(3, 1))
        schedule.add(chunk(1))
        schedule.add(ready)
        schedule.add(guild(60))
        schedule.add(guild(61))
        schedule.add(press(1, in: 61))
        #expect(all(&schedule) == [left(3, 1), ready, guild(61), press(1, in: 61), guild(60)])
    }
}
