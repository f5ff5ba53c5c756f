extension Realm {
    /// Starts an interaction, which is answered within three seconds or times out.
    func begin(_ trigger: World.Trigger) throws(Refusal) -> Interaction {
        let token = Self.interactionToken()
        let interaction = try transaction { (state) throws(Refusal) in try state.world.begin(trigger, token: token) }
        schedule(Interaction.answerTime) { [weak self] in
            self?.transaction { state in
                if state.world.expire(interaction.id) {
                    state.changes.append(["type": "interaction_failed", "id": .id(interaction.id)])
                }
            }
        }
        return interaction
    }

    /// Returns when `isOver` holds for an interaction, after `limit`, or when the task is cancelled.
    func wait(
        for id: UInt64, atMost limit: Duration, until isOver: @escaping @Sendable (Interaction) -> Bool
    ) async {
        let wait = transaction { state in
            state.nextWait += 1
            return state.nextWait
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transaction { state in
                    state.waits[id, default: []].append(Wait(id: wait, isOver: isOver, continuation: continuation))
                }
                schedule(limit) { [weak self] in self?.end(wait, of: id) }
                if Task.isCancelled { end(wait, of: id) }
            }
        } onCancel: {
            end(wait, of: id)
        }
    }

    private func end(_ wait: UInt64, of id: UInt64) {
        transaction { state in
            guard let index = state.waits[id]?.firstIndex(where: { $0.id == wait }),
                let ended = state.waits[id]?.remove(at: index)
            else { return }
            if state.waits[id]?.isEmpty == true { state.waits[id] = nil }
            ended.continuation.resume()
        }
    }

    /// Returns a new interaction token: long, opaque, and safe in a path.
    private static func interactionToken() -> String { "aW50ZXJhY3Rpb24" + randomToken(48) }
}
