import Engine

extension Environment {
    /// The word before the migration's name, in the bar and in the title of every dialog.
    var word: String {
        switch self {
        case .development: "DEV"
        case .staging: "STAGE"
        case .production: "PROD"
        }
    }

    var token: Token {
        switch self {
        case .development: .envDev
        case .staging: .envStage
        case .production: .envProd
        }
    }
}
