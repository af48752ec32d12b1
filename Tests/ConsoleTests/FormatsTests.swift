import Console
import Testing

/// Numbers and moments as the console writes them.
@Suite struct FormatsTests {
    @Test(arguments: [
        (0.0, 0, "1970-01-01 00:00"), (951_782_400, 0, "2000-02-29 00:00"),
        (951_868_799, 0, "2000-02-29 23:59"), (951_868_800, 0, "2000-03-01 00:00"),
        (1_700_000_000, 0, "2023-11-14 22:13"), (1_700_000_000, 7200, "2023-11-15 00:13"),
        (1_704_067_199, 0, "2023-12-31 23:59"), (1_709_164_800, -3600, "2024-02-28 23:00"),
        (4_107_542_400, 0, "2100-03-01 00:00"), (-1, 0, "1969-12-31 23:59"),
    ])
    func `a moment has its day in the zone of the console`(moment: Double, offset: Int, text: String) {
        #expect(dateAndTime(moment, utcOffset: offset) == text)
    }
}
