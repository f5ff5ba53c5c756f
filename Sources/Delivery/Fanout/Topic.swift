/// A topic on one loop: its subscribers, in groups of those who see the same of it.
final class Topic {
    let name: String
    private(set) var groups: ContiguousArray<TopicSubscribers> = []
    private var byView: [TopicView: TopicSubscribers] = [:]
    /// How many subscribers it has.
    private(set) var count = 0

    init(name: String) { self.name = name }

    func add(_ subscriber: Subscriber, seeing view: TopicView) {
        count += 1
        if let group = byView[view] { return group.add(subscriber) }
        let group = TopicSubscribers(of: self, view: view, index: groups.count)
        groups.append(group)
        byView[view] = group
        group.add(subscriber)
    }

    func remove(_ subscriber: Subscriber, from group: TopicSubscribers) {
        count -= 1
        group.remove(subscriber)
        guard group.subscribers.isEmpty else { return }
        byView[group.view] = nil
        let last = groups.removeLast()
        guard last !== group else { return }
        groups[group.index] = last
        last.index = group.index
    }
}
