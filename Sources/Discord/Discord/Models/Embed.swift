/// A framed block of a message. See Discord's Embed Object (resources/message#embed-object).
///
/// Limits: title 256 characters, description 4096, 25 fields; 6000 characters in all embeds of a message together.
package struct Embed: Codable, Hashable, Sendable {
    package var title: String?
    /// Always `rich` for embeds that a bot sends.
    package var type: String?
    package var description: String?
    package var url: String?
    package var timestamp: Timestamp?
    package var color: Int?
    package var footer: EmbedFooter?
    package var image: EmbedMedia?
    package var thumbnail: EmbedMedia?
    package var video: EmbedMedia?
    package var provider: EmbedProvider?
    package var author: EmbedAuthor?
    package var fields: [EmbedField]?

    package init(
        title: String? = nil, type: String? = nil, description: String? = nil, url: String? = nil,
        timestamp: Timestamp? = nil, color: Int? = nil, footer: EmbedFooter? = nil, image: EmbedMedia? = nil,
        thumbnail: EmbedMedia? = nil, video: EmbedMedia? = nil, provider: EmbedProvider? = nil,
        author: EmbedAuthor? = nil, fields: [EmbedField]? = nil
    ) {
        self.title = title
        self.type = type
        self.description = description
        self.url = url
        self.timestamp = timestamp
        self.color = color
        self.footer = footer
        self.image = image
        self.thumbnail = thumbnail
        self.video = video
        self.provider = provider
        self.author = author
        self.fields = fields
    }

    private enum CodingKeys: String, CodingKey {
        case title, type, description, url, timestamp, color, footer, image, thumbnail, video, provider, author,
            fields
    }
}

/// The line below an embed. See Discord's Embed Footer Structure (resources/message#embed-object-embed-footer-structure).
package struct EmbedFooter: Codable, Hashable, Sendable {
    package var text: String
    package var iconURL: String?
    package var proxyIconURL: String?

    package init(text: String, iconURL: String? = nil, proxyIconURL: String? = nil) {
        self.text = text
        self.iconURL = iconURL
        self.proxyIconURL = proxyIconURL
    }

    private enum CodingKeys: String, CodingKey {
        case text
        case iconURL = "icon_url"
        case proxyIconURL = "proxy_icon_url"
    }
}

/// An image or a video in an embed. See Discord's Embed Image Structure
/// (resources/message#embed-object-embed-image-structure).
package struct EmbedMedia: Codable, Hashable, Sendable {
    package var url: String?
    package var proxyURL: String?
    package var height: Int?
    package var width: Int?

    package init(url: String? = nil, proxyURL: String? = nil, height: Int? = nil, width: Int? = nil) {
        self.url = url
        self.proxyURL = proxyURL
        self.height = height
        self.width = width
    }

    private enum CodingKeys: String, CodingKey {
        case url, height, width
        case proxyURL = "proxy_url"
    }
}

/// The site that an embed was made from. See Discord's Embed Provider Structure
/// (resources/message#embed-object-embed-provider-structure).
package struct EmbedProvider: Codable, Hashable, Sendable {
    package var name: String?
    package var url: String?

    package init(name: String? = nil, url: String? = nil) {
        self.name = name
        self.url = url
    }

    private enum CodingKeys: String, CodingKey {
        case name, url
    }
}

/// The line above an embed's title. See Discord's Embed Author Structure
/// (resources/message#embed-object-embed-author-structure).
package struct EmbedAuthor: Codable, Hashable, Sendable {
    package var name: String
    package var url: String?
    package var iconURL: String?
    package var proxyIconURL: String?

    package init(name: String, url: String? = nil, iconURL: String? = nil, proxyIconURL: String? = nil) {
        self.name = name
        self.url = url
        self.iconURL = iconURL
        self.proxyIconURL = proxyIconURL
    }

    private enum CodingKeys: String, CodingKey {
        case name, url
        case iconURL = "icon_url"
        case proxyIconURL = "proxy_icon_url"
    }
}

/// A named value in an embed: name at most 256 characters, value at most 1024. See Discord's Embed Field Structure
/// (resources/message#embed-object-embed-field-structure).
package struct EmbedField: Codable, Hashable, Sendable {
    package var name: String
    package var value: String
    package var inline: Bool?

    package init(name: String, value: String, inline: Bool? = nil) {
        self.name = name
        self.value = value
        self.inline = inline
    }

    private enum CodingKeys: String, CodingKey {
        case name, value, inline
    }
}
