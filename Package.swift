// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every target. A misspelt feature is accepted silently by the compiler, so
/// `Sources/Core/LanguageFeatures.swift` fails the build when one of these is not on.
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

/// The targets from the ground up. A target may depend only on targets above it in this list; `Scripts/lint-layers`
/// checks that the sources import nothing else.
let layers: [(name: String, dependencies: [String])] = [
    ("Core", []),
    ("Nommie", []),
    ("Crypto", ["Core", "COpenSSL"]),
    ("EventLoop", ["Core", "Crypto", "CLibuv"]),
    ("Wire", ["Core", "Crypto", "CZlib"]),
    ("Web", ["Core", "Crypto", "EventLoop", "Wire"]),
    ("Redis", ["Core", "Crypto", "EventLoop", "CHiredis"]),
    ("Store", ["Core", "EventLoop", "CSQLite", "CPostgres"]),
    ("Cache", ["Core", "EventLoop", "Redis"]),
    ("Bus", ["Core", "Crypto", "EventLoop", "Redis", "Store", "CRabbitMQ"]),
    ("Fanout", ["Core", "EventLoop", "Wire", "Web", "Store", "Bus"]),
    ("Discord", ["Core", "Crypto", "EventLoop", "Wire", "Web"]),
    ("DiscordSandbox", ["Core", "Crypto", "EventLoop", "Wire", "Web", "Discord"]),
    ("Guilds", ["Core", "Crypto", "Store", "Cache"]),
    ("Scheduler", ["Core", "Store", "Guilds"]),
    ("Bot", ["Core", "Crypto", "EventLoop", "Store", "Bus", "Discord", "Guilds", "Scheduler"]),
    (
        "API",
        [
            "Core", "Crypto", "EventLoop", "Wire", "Web", "Store", "Cache", "Bus", "Fanout", "Discord", "Guilds",
            "Scheduler",
        ]
    ),
    (
        "TandemApp",
        [
            "Core", "Nommie", "Crypto", "EventLoop", "Wire", "Web", "Redis", "Store", "Cache", "Bus", "Fanout",
            "Discord", "DiscordSandbox", "Guilds", "Scheduler", "Bot", "API", "CWebPages",
        ]
    ),
]

/// What tests use beside what their target does: Discord's side is tested against the sandbox.
let testing = [
    "Discord": ["DiscordSandbox"], "Scheduler": ["EventLoop"], "Bot": ["DiscordSandbox"],
    "Guilds": ["EventLoop", "Redis"],
]

/// On Linux the headers are where the compiler looks anyway, and hiredis' pkg-config file brings a flag that SwiftPM refuses.
#if os(Linux)
    let hiredisPkgConfig: String? = nil
#else
    let hiredisPkgConfig: String? = "hiredis"
#endif

func dependencies(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

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
        + layers.map { .target(name: $0.name, dependencies: dependencies($0.dependencies), swiftSettings: settings) }
        + [.executableTarget(name: "tandem", dependencies: ["TandemApp"], swiftSettings: settings)]
        + [.target(name: "TestServers", path: "Tests/TestServers", swiftSettings: settings)]
        + layers.map {
            .testTarget(
                name: "\($0.name)Tests",
                dependencies: dependencies(
                    [$0.name, "TestServers"] + $0.dependencies.filter { name in layers.contains { $0.name == name } }
                        + testing[$0.name, default: []]),
                swiftSettings: settings)
        }
)

// Fuzzing needs every module built with libFuzzer's instrumentation, so `Scripts/fuzz` asks for this target by itself.
if Context.environment["TANDEM_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["Nommie", "Wire"], path: "Fuzz", exclude: ["Seeds"], swiftSettings: settings))
}
