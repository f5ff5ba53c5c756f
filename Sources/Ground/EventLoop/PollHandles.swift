import CLibuv

/// Memory for the handles by which a loop watches its sockets, in blocks: a handle by itself would cost a tenth more, and lie
/// anywhere. Belongs to the loop's thread. What is free is used again and returned to the system only with the loop.
@safe final class PollHandles {
    private static let blockLength = 64

    private var blocks: [UnsafeMutableBufferPointer<uv_poll_t>] = unsafe []
    private var free: [UnsafeMutablePointer<uv_poll_t>] = unsafe []

    deinit { for index in unsafe blocks.indices { unsafe blocks[index].deallocate() } }

    func take() -> UnsafeMutablePointer<uv_poll_t> {
        if unsafe free.isEmpty { addBlock() }
        return unsafe free.removeLast()
    }

    func giveBack(_ handle: UnsafeMutablePointer<uv_poll_t>) { unsafe free.append(handle) }

    private func addBlock() {
        let block = UnsafeMutableBufferPointer<uv_poll_t>.allocate(capacity: Self.blockLength)
        unsafe blocks.append(block)
        guard let start = block.baseAddress else { preconditionFailure("a block has handles") }
        for index in (0..<Self.blockLength).reversed() { unsafe free.append(start + index) }
    }
}
