/// The error for an event that no process of this system has signed.
struct ForgedEvent: Error, CustomStringConvertible {
    let number: Int64

    var description: String {
        "event \(number) isn't signed with this system's secret: its sender isn't part of the system, or has another secret"
    }
}
