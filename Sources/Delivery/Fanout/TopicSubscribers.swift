/// The subscribers of one topic on one loop who see the same of it.
final class TopicSubscribers {
    let topic: Topic
    let view: TopicView
    /// Among the topic's groups.
    var index: Int
    private(set) var subscribers: ContiguousArray<Subscriber> = []
    /// How many of them are WebSockets.
    private(set) var webSockets = 0

    init(of topic: Topic, view: TopicView, index: Int) {
        self.topic = topic
        self.view = view
        self.index = index
    }

    var name: String { topic.name }

    func add(_ subscriber: Subscriber) {
        subscriber.memberships.append(Membership(topic: self, index: Int32(subscribers.count)))
        subscribers.append(subscriber)
        if case .webSocket = subscriber.outlet { webSockets += 1 }
    }

    func remove(_ subscriber: Subscriber) {
        guard let place = subscriber.memberships.firstIndex(where: { $0.topic === self }) else { return }
        let index = Int(subscriber.memberships.remove(at: place).index)
        if case .webSocket = subscriber.outlet { webSockets -= 1 }
        let last = subscribers.removeLast()
        guard last !== subscriber else { return }
        subscribers[index] = last
        if let moved = last.memberships.firstIndex(where: { $0.topic === self }) {
            last.memberships[moved].index = Int32(index)
        }
    }
}
