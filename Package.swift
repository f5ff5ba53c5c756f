// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every target. A misspelt feature is accepted silently by the compiler, so
/// `Sources/Ground/Core/LanguageFeatures.swift` fails the build when one of these is not on.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .strictMemorySafety(),
    .treatWarning("ExplicitSendable", as: .error),
]

/// The floors of the house from the ground up, and their targets in order. A target may depend only on targets above it in
/// this list; `Scripts/lint-layers` checks that the sources import what is named here, all of it, and nothing else. The folders
/// are `Sources/<floor>/<target>` and `Tests/<floor>/<target>Tests`.
let floors: [(name: String, targets: [(name: String, dependencies: [String])])] = [
    (
        "Ground",
        [
            ("Core", []),
            ("Crypto", ["Core", "COpenSSL"]),
            ("EventLoop", ["Core", "Crypto", "CLibuv"]),
        ]
    ),
    (
        "WireAndWeb",
        [
            ("Wire", ["Core", "Crypto", "CZlib"]),
            ("Web", ["Core", "Crypto", "EventLoop", "Wire"]),
        ]
    ),
    (
        "Storage",
        [
            ("Redis", ["Core", "Crypto", "EventLoop", "CHiredis"]),
            ("Store", ["Core", "EventLoop", "CSQLite", "CPostgres"]),
            ("Cache", ["Core", "Redis"]),
        ]
    ),
    (
        "Delivery",
        [
            ("Bus", ["Core", "Crypto", "EventLoop", "Redis", "Store", "CRabbitMQ"]),
            ("Fanout", ["Core", "EventLoop", "Wire", "Web", "Store"]),
        ]
    ),
    (
        "Discord",
        [
            ("Discord", ["Core", "Crypto", "EventLoop", "Wire", "Web"]),
            ("DiscordSandbox", ["Core", "Crypto", "EventLoop", "Wire", "Web"]),
        ]
    ),
    (
        "Community",
        [
            ("Guilds", ["Core", "Crypto", "Store", "Cache"]),
            ("DiscordCommunity", ["Core", "Store", "Discord", "Guilds"]),
        ]
    ),
    (
        "Domains",
        [
            ("Nommie", []),
            ("Scheduler", ["Core", "Crypto", "Store", "Guilds"]),
        ]
    ),
    (
        "Faces",
        [
            (
                "Bot",
                [
                    "Core", "Crypto", "EventLoop", "Store", "Bus", "Discord", "Guilds", "DiscordCommunity", "Scheduler",
                ]
            ),
            (
                "API",
                [
                    "Core", "Crypto", "Wire", "Web", "Store", "Cache", "Fanout", "Guilds", "DiscordCommunity",
                    "Scheduler",
                ]
            ),
        ]
    ),
    (
        "App",
        [
            (
                "TandemApp",
                [
                    "Core", "Crypto", "EventLoop", "Web", "Redis", "Store", "Cache", "Bus", "Fanout",
                    "Discord", "DiscordSandbox", "Guilds", "DiscordCommunity", "Nommie", "Scheduler", "Bot", "API",
                    "CWebPages",
                ]
            )
        ]
    ),
]

/// What tests use beside what their target does: Discord's side is tested against the sandbox.
let testing = [
    "API": ["Bus", "EventLoop", "WebTestSupport"], "Bot": ["Cache", "DiscordSandbox", "DiscordTestSupport"],
    "Cache": ["EventLoop"], "Discord": ["DiscordSandbox", "DiscordTestSupport"],
    "DiscordCommunity": ["DiscordSandbox", "EventLoop", "DiscordTestSupport"], "Fanout": ["WebTestSupport"],
    "Guilds": ["EventLoop", "Redis"], "Scheduler": ["EventLoop"],
]

/// On Linux the headers are where the compiler looks anyway, and hiredis' pkg-config file brings a flag that SwiftPM refuses.
#if os(Linux)
    let hiredisPkgConfig: String? = nil
#else
    let hiredisPkgConfig: String? = "hiredis"
#endif

func dependencies(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

extension String {
    /// Whether this is the name of a C library's target: `CSQLite` is, `Crypto` and `Core` are not.
    var hasLibraryName: Bool { first == "C" && dropFirst().first?.isUppercase == true }
}

let package = Package(
    name: "tandem",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "tandem", targets: ["tandem"])],
    targets: [
        .systemLibrary(
            name: "CHiredis", path: "Sources/CLibraries/CHiredis", pkgConfig: hiredisPkgConfig,
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
        .systemLibrary(
            name: "CLibuv", path: "Sources/CLibraries/CLibuv", pkgConfig: "libuv",
            providers: [.apt(["libuv1-dev"]), .brew(["libuv"])]),
        .systemLibrary(
            name: "COpenSSL", path: "Sources/CLibraries/COpenSSL", pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(
            name: "CPostgres", path: "Sources/CLibraries/CPostgres", pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        .systemLibrary(
            name: "CRabbitMQ", path: "Sources/CLibraries/CRabbitMQ", pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"]), .brew(["rabbitmq-c"])]),
        .systemLibrary(
            name: "CSQLite", path: "Sources/CLibraries/CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(
            name: "CZlib", path: "Sources/CLibraries/CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "CWebPages", path: "Sources/CLibraries/CWebPages"),
    ]
        + floors.flatMap { floor in
            floor.targets.flatMap { target -> [Target] in
                [
                    .target(
                        name: target.name, dependencies: dependencies(target.dependencies),
                        path: "Sources/\(floor.name)/\(target.name)", exclude: ["README.md"], swiftSettings: settings),
                    .testTarget(
                        name: "\(target.name)Tests",
                        dependencies: dependencies(
                            [target.name, "TestSupport"] + target.dependencies.filter { !$0.hasLibraryName }
                                + testing[target.name, default: []]),
                        path: "Tests/\(floor.name)/\(target.name)Tests", swiftSettings: settings),
                ]
            }
        }
        + [
            .target(
                name: "TestSupport", dependencies: ["Core"], path: "Tests/Support/TestSupport", swiftSettings: settings),
            .target(
                name: "WebTestSupport", dependencies: ["TestSupport", "Core", "EventLoop", "Wire"],
                path: "Tests/Support/WebTestSupport", swiftSettings: settings),
            .target(
                name: "DiscordTestSupport", dependencies: ["Core", "EventLoop", "DiscordSandbox"],
                path: "Tests/Support/DiscordTestSupport", swiftSettings: settings),
            .executableTarget(
                name: "tandem", dependencies: ["TandemApp"], path: "Sources/App/tandem", swiftSettings: settings),
        ]
)

// Fuzzing needs every module built with libFuzzer's instrumentation, so `Scripts/fuzz` asks for this target by itself.
if Context.environment["TANDEM_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["Nommie", "Wire"], path: "Fuzz", exclude: ["Seeds"], swiftSettings: settings))
}
