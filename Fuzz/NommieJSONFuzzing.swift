import Nommie

/// A document that is read as a game, a view or an action is one to which its own form leads back, in JSON and in binary.
enum NommieJSONFuzzing {
    static func run(_ input: [UInt8]) {
        if let action = try? Action(json: input) {
            precondition((try? Action(json: action.json)) == action)
        }
        if let view = try? GameView(json: input) {
            precondition((try? GameView(json: view.json)) == view)
            precondition((try? GameView(binary: view.binary)) == view)
        }
        if let state = try? GameState(json: input) {
            precondition((try? GameState(json: state.json)) == state)
            precondition((try? GameState(binary: state.binary)) == state)
        }
    }
}
