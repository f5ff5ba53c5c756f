import Core
import CPostgres
import EventLoop

/// Asks a server to stop what it's doing for one connection. libpq waits for the server meanwhile, so that's done on a
/// thread of its own.
///
/// `@unchecked`: libpq lets any thread use a `PGcancel`, also while the connection is used
/// (https://www.postgresql.org/docs/15/libpq-cancel.html); it's freed once, with the last reference to this object.
@safe final class CancelRequest: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let pointer = unsafe PQgetCancel(connection) else { return nil }
        unsafe self.pointer = pointer
    }

    deinit { unsafe PQfreeCancel(pointer) }

    /// `done` is called on that thread once the server has taken note, or can't be reached.
    func send(done: @escaping @Sendable () -> Void) {
        startThread { [self] in
            var reason = [CChar](repeating: 0, count: 256)
            _ = unsafe PQcancel(pointer, &reason, Int32(reason.count))
            done()
        }
    }
}
