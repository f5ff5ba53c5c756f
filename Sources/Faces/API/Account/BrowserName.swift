/// What a browser says that it is (`User-Agent`), in words that its user recognizes. Nothing else of it is kept: it is long, tells
/// more than is needed, and may be anything.
enum BrowserName {
    /// In this order: many claim to be what comes later, too.
    private static let browsers = [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Vivaldi/", "Vivaldi"),
        ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
        ("Safari/", "Safari"), ("curl/", "curl"), ("Python", "a Python program"),
    ]
    private static let systems = [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ]

    /// Such as "Firefox on Linux".
    static func words(for userAgent: String?) -> String {
        let text = userAgent.map { $0.prefix(400) } ?? ""
        let name = { (known: [(String, String)]) in known.first { text.contains($0.0) }?.1 }
        let browser = name(browsers) ?? "An unknown browser"
        return name(systems).map { "\(browser) on \($0)" } ?? browser
    }
}
