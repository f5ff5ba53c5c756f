import Fanout
import Testing

struct AdmissionRateTests {
    @Test func `those beyond the rate are sent away until there is time for them`() {
        var rate = AdmissionRate(perSecond: 100)
        let start = Duration.seconds(1000)
        let burst = (0..<200).prefix { _ in rate.admit(at: start) == nil }
        #expect(burst.count == 101)
        // The first of those sent away was the one that ended the burst.
        let waits = (0..<299).compactMap { _ in rate.admit(at: start) }
        #expect(waits.count == 299)
        #expect(waits == waits.sorted() && Set(waits).count == waits.count)
        #expect((.seconds(2.9) ... .seconds(3.1)).contains(waits[298]))
        let second = (0..<200).prefix { _ in rate.admit(at: start + .seconds(1)) == nil }
        #expect((99...101).contains(second.count))
    }

    @Test func `nobody waits too long, nor comes with all others`() {
        var rate = AdmissionRate(perSecond: 1)
        let waits = (0..<10_000).compactMap { _ in rate.admit(at: .zero) }
        #expect(waits.allSatisfy { $0 > .zero && $0 <= AdmissionRate.longestWait })
        #expect(Set(waits.suffix(1000).map { Int($0 / .seconds(1)) }).count > 10)
    }

    @Test func `once a rush is over nobody waits for those who were sent away in it`() {
        var rate = AdmissionRate(perSecond: 1)
        for _ in 0..<10_000 { _ = rate.admit(at: .zero) }
        let later = Duration.seconds(100)
        let wait = (0..<10).lazy.compactMap { _ in rate.admit(at: later) }.first
        #expect(wait.map { $0 <= .seconds(3) } == true)
    }

    @Test func `a place that is given back is another's`() {
        var rate = AdmissionRate(perSecond: 2)
        for _ in 0..<100 {
            #expect(rate.admit(at: .zero) == nil)
            rate.giveBack()
        }
        while rate.admit(at: .zero) == nil {}
        rate.giveBack()
        #expect(rate.admit(at: .zero) == nil)
        #expect(rate.admit(at: .zero) != nil)
    }

    @Test func `a rate of zero admits everybody`() {
        var rate = AdmissionRate(perSecond: 0)
        #expect((0..<10_000).allSatisfy { _ in rate.admit(at: .zero) == nil })
    }
}
