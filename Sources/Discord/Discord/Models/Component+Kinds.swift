extension Component {
    /// A row of up to five buttons, or one menu.
    package static func row(_ components: [Component]) -> Component {
        Component(type: .actionRow, components: components)
    }

    /// A button that sends an interaction with `customID` when it is pressed.
    package static func button(
        _ label: String, customID: String, style: ButtonStyle = .secondary, disabled: Bool = false
    ) -> Component {
        Component(type: .button, style: style.rawValue, label: label, customID: customID, disabled: disabled)
    }

    /// A button that opens a link.
    package static func link(_ label: String, url: String) -> Component {
        Component(type: .button, style: ButtonStyle.link.rawValue, label: label, url: url)
    }
}
