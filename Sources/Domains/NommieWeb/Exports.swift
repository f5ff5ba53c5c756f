// The functions that WebAssembly exports to JavaScript (`Web/nommie/nommie.js` calls them). A handle identifies a game; answers are
// bytes at `nommie_bytes`, and the result is their count.

@_expose(wasm, "nommie_create")
@_cdecl("nommie_create")
func create(seed: UInt64) -> UnsafeMutableRawPointer { unsafe Unmanaged.passRetained(Session(seed: seed)).toOpaque() }

@_expose(wasm, "nommie_destroy")
@_cdecl("nommie_destroy")
func destroy(handle: UnsafeMutableRawPointer) { unsafe Unmanaged<Session>.fromOpaque(handle).release() }

@_expose(wasm, "nommie_bytes")
@_cdecl("nommie_bytes")
func bytes(handle: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt8> { unsafe session(handle).bytes }

/// What the seat whose turn it is may do: a count and as many actions.
@_expose(wasm, "nommie_legal_actions")
@_cdecl("nommie_legal_actions")
func legalActions(handle: UnsafeMutableRawPointer) -> Int32 {
    let session = unsafe session(handle)
    session.begin()
    session.append(session.state.legalActions)
    return Int32(session.count)
}

/// Applies an action of a seat and writes the events. If a rule forbids it, writes the rule's code, a line feed and its message, and
/// returns their count as a negative number. Returns 0 for what is not an action.
@_expose(wasm, "nommie_apply")
@_cdecl("nommie_apply")
func apply(handle: UnsafeMutableRawPointer, seat: UInt32, code: UInt32) -> Int32 {
    let session = unsafe session(handle)
    session.begin()
    guard seat < 4, code < 256, let action = Action(code: UInt8(code)) else { return 0 }
    do {
        let transition = try session.state.apply(action, by: Seat(Int(seat)))
        for event in transition.events { session.append(event) }
        return Int32(session.count)
    } catch {
        session.append(error.code)
        session.append(0x0A)
        session.append(error.message)
        return -Int32(session.count)
    }
}

/// A view in its JSON form.
/// - Parameter seat: 4 for a spectator.
@_expose(wasm, "nommie_view")
@_cdecl("nommie_view")
func view(handle: UnsafeMutableRawPointer, seat: UInt32) -> Int32 {
    let session = unsafe session(handle)
    session.begin()
    session.append(session.state.view(for: seat < 4 ? Seat(Int(seat)) : nil).json)
    return Int32(session.count)
}

/// The whole game in its binary form.
@_expose(wasm, "nommie_state")
@_cdecl("nommie_state")
func state(handle: UnsafeMutableRawPointer) -> Int32 {
    let session = unsafe session(handle)
    session.begin()
    session.append(session.state.binary)
    return Int32(session.count)
}

/// Whose turn it is, or -1 once the game is completed.
@_expose(wasm, "nommie_to_act")
@_cdecl("nommie_to_act")
func toAct(handle: UnsafeMutableRawPointer) -> Int32 {
    let state = unsafe session(handle).state
    return state.isCompleted ? -1 : Int32(state.table.toAct.index)
}

/// Returns the action of a computer player whose turn it is, or -1 if the game is completed.
/// - Parameters:
///   - level: 0 random, 1 by rules of thumb, 2 by search.
///   - nodes: how many cards the search may imagine.
///   - chance: the seed of the player's choices; the same number makes the same choice.
@_expose(wasm, "nommie_ai_move")
@_cdecl("nommie_ai_move")
func aiMove(handle: UnsafeMutableRawPointer, level: UInt32, nodes: Int32, chance: UInt64) -> Int32 {
    let state = unsafe session(handle).state
    guard !state.isCompleted else { return -1 }
    let player: Player
    switch level {
    case 0: player = .random
    case 1: player = .heuristic
    default: player = .strategic(nodes: Int(max(1, nodes)))
    }
    // From another seed than the deals, so that choices reveal nothing about them.
    var luck = Chance(seed: ~state.seed, stream: chance)
    return Int32(player.action(in: state.view(for: state.table.toAct), chance: &luck).code)
}

private func session(_ handle: UnsafeMutableRawPointer) -> Session {
    unsafe Unmanaged<Session>.fromOpaque(handle).takeUnretainedValue()
}
