import Demo
import Foundation

/// `demo-application --dir DIR --rate N`: the shop's application. Only the demo starts it; it is not a verb.
enum DemoApplication {
    static let word = "demo-application"

    static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 5, arguments[1] == "--dir", arguments[3] == "--rate",
            let rate = Double(arguments[4])
        else {
            Terminal.fail("only the demo starts \(word)")
            return 1
        }
        do { try runDemoApplication(directory: arguments[2], rate: rate) } catch {
            Terminal.fail("the application ended: \(error)")
            return 1
        }
        return 0
    }
}
