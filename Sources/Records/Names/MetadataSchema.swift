/// The schema of our metadata tables, the name that yb-voyager gives it.
package enum MetadataSchema {
    package static let name = "ybvoyager_metadata"
}
