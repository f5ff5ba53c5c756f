package import Core

/// RabbitMQ, as a kind of server.
package enum RabbitServerKind: RemoteServer {
    package static let name = "RabbitMQ"
    package static let code = "rabbitmq"
    package static let schemes = (plain: "amqp", encrypted: "amqps")
    package static let ports = (plain: 5672, encrypted: 5671)
    package static let example = "amqp://user:password@host:5672/vhost"
}

/// What went wrong with RabbitMQ.
package typealias RabbitError = RemoteServerError<RabbitServerKind>
