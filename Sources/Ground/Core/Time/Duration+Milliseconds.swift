extension Duration {
    /// Whole milliseconds, rounded up, so that a wait of so many is never shorter than this; saturates at the limits of `Int64`.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
        let rest = attoseconds / attosecondsPerMillisecond + (attoseconds % attosecondsPerMillisecond > 0 ? 1 : 0)
        let (sum, carries) = whole.addingReportingOverflow(rest)
        return carries ? (seconds < 0 ? .min : .max) : sum
    }
}
