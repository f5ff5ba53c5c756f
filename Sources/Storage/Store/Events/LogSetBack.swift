import Core

/// The log no longer holds what was read of it: the database was replaced by an older copy of itself, as by a failover to a server
/// that lagged or by a restored backup. Its next numbers belong to other events, and whatever was concluded from the old ones is
/// void.
package struct LogSetBack: CodedError {
    /// Which log was read.
    package let epoch: String

    package init(epoch: String) { self.epoch = epoch }

    package var code: String { "log_set_back" }
    package var message: String { "The database was replaced by an older copy of itself; everything is read anew." }
    package var isTemporary: Bool { true }
}
