/// What of a topic a principal may see.
package enum TopicView: Sendable, Hashable {
    case everything
    /// What happens in these sections, and what isn't in any.
    case sections(Set<Int64>)

    /// Whether an event for this audience is among it; `nil` is everybody who sees the topic.
    func includes(_ audience: Audience?) -> Bool {
        guard let audience, case .sections(let sections) = self else { return true }
        return sections.contains(audience.section)
    }
}

/// For whom an event of a topic is that isn't for everybody who sees the topic.
package struct Audience: Sendable, Hashable {
    /// Where in the topic it happened: it is for those who see this section.
    package let section: Int64
    /// Whom it concerns whether or not they see the section, provided that they see the topic.
    package let principal: String

    package init(section: Int64, principal: String) {
        self.section = section
        self.principal = principal
    }
}
