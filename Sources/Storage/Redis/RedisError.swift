package import Core

/// Redis (or Valkey), as a kind of server: its name and addresses.
package enum RedisServerKind: RemoteServer {
    package static let name = "Redis"
    package static let code = "redis"
    package static let schemes = (plain: "redis", encrypted: "rediss")
    package static let ports = (plain: 6379, encrypted: 6379)
    package static let example = "redis://user:password@host:6379/0"
}

/// What went wrong with a Redis server.
package typealias RedisError = RemoteServerError<RedisServerKind>
