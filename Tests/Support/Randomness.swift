import Foundation

/// The random numbers of a test (SplitMix64). The seed is printed; SWITCHBACK_SEED repeats it.
package struct Randomness: RandomNumberGenerator {
    private var state: UInt64

    package init(_ test: String) {
        let given = ProcessInfo.processInfo.environment["SWITCHBACK_SEED"].flatMap { UInt64($0) }
        state = given ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("\(test): SWITCHBACK_SEED=\(state)")
    }

    /// The numbers of a seed that is printed elsewhere.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }
}
