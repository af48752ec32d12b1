/// The pages of the console.
package enum PageID: String, CaseIterable, Sendable {
    case migrations
    case dashboard
    case tables
    case log
    case alerts
    case incidents
    case connection
    case choice
    case schema
    case live
    case cutover
    case verification
    case settings
    case end
    case plan
    case differences
    case sessions
    case fileChange = "file-change"
    case themes
    case details
    case help
    case palette

    /// The title of the page, in the frame and in the palette.
    package var title: String {
        switch self {
        case .migrations: "Migrations"
        case .dashboard: "Dashboard"
        case .tables: "Tables"
        case .log: "Log"
        case .alerts: "Needs you"
        case .incidents: "Incidents"
        case .connection: "Prepare"
        case .choice: "Table choice"
        case .schema: "Schema"
        case .live: "Live migration"
        case .cutover: "Cutover"
        case .verification: "Verification"
        case .settings: "Settings"
        case .end: "End"
        case .plan: "Plan"
        case .differences: "Differences"
        case .sessions: "Sessions"
        case .fileChange: "Change of files"
        case .themes: "Themes"
        case .details: "Details"
        case .help: "Help"
        case .palette: "Commands"
        }
    }
}
