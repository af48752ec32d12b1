import Foundation

// How far apart two colours are, for eyes with and without all three kinds of cones.

/// The eyes that a theme's colours are looked at with.
enum Eyes: String, CaseIterable {
    case all
    /// Without the cones for green.
    case deuteranopia
    /// Without the cones for red.
    case protanopia

    /// What such eyes see of linear red, green and blue, as simulated by Machado, Oliveira and Fernandes
    /// (2009) at full severity.
    var matrix: [[Double]] {
        switch self {
        case .all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        case .deuteranopia:
            [
                [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ]
        case .protanopia:
            [
                [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ]
        }
    }
}

/// A colour in the space CIELAB, as some eyes see it.
struct Lab {
    let lightness: Double
    let a: Double
    let b: Double

    init(_ lightness: Double, _ a: Double, _ b: Double) {
        (self.lightness, self.a, self.b) = (lightness, a, b)
    }

    init(rgb: Int32, seenBy eyes: Eyes) {
        let light = [16, 8, 0].map { linear(rgb, $0) }
        let seen = eyes.matrix.map { row in min(1, max(0, zip(row, light).reduce(0) { $0 + $1.0 * $1.1 })) }
        func part(_ weights: [Double], _ white: Double) -> Double {
            let value = zip(weights, seen).reduce(0) { $0 + $1.0 * $1.1 } / white
            return value > 216.0 / 24389 ? cbrt(value) : (24389.0 / 27 * value + 16) / 116
        }
        let x = part([0.4124564, 0.3575761, 0.1804375], 0.95047)
        let y = part([0.2126729, 0.7151522, 0.0721750], 1)
        let z = part([0.0193339, 0.1191920, 0.9503041], 1.08883)
        self.init(116 * y - 16, 500 * (x - y), 200 * (y - z))
    }

    /// The difference CIEDE2000 (Sharma, Wu and Dalal 2005). About 1 is the least that is noticed side by
    /// side.
    func difference(to other: Lab) -> Double {
        let pull = pow((hypot(a, b) + hypot(other.a, other.b)) / 2, 7)
        let stretch = 1.5 - 0.5 * sqrt(pull / (pull + pow(25, 7)))
        let (a1, a2) = (a * stretch, other.a * stretch)
        let (chroma1, chroma2) = (hypot(a1, b), hypot(a2, other.b))
        let (hue1, hue2) = (degrees(b, a1), degrees(other.b, a2))
        let isGrey = chroma1 * chroma2 == 0
        var turn = isGrey ? 0 : hue2 - hue1
        if turn > 180 { turn -= 360 } else if turn < -180 { turn += 360 }
        var hue = hue1 + hue2
        if !isGrey {
            hue = abs(hue1 - hue2) <= 180 ? hue / 2 : (hue < 360 ? (hue + 360) / 2 : (hue - 360) / 2)
        }
        let meanLightness = (lightness + other.lightness) / 2
        let meanChroma = (chroma1 + chroma2) / 2
        let tint =
            1 - 0.17 * cosine(hue - 30) + 0.24 * cosine(2 * hue) + 0.32 * cosine(3 * hue + 6)
            - 0.2 * cosine(4 * hue - 63)
        let square = (meanLightness - 50) * (meanLightness - 50)
        let byLightness = (other.lightness - lightness) / (1 + 0.015 * square / sqrt(20 + square))
        let byChroma = (chroma2 - chroma1) / (1 + 0.045 * meanChroma)
        let byHue = 2 * sqrt(chroma1 * chroma2) * sine(turn / 2) / (1 + 0.015 * meanChroma * tint)
        let strong = pow(meanChroma, 7)
        let rotation =
            -2 * sqrt(strong / (strong + pow(25, 7)))
            * sine(60 * exp(-pow((hue - 275) / 25, 2)))
        return sqrt(
            byLightness * byLightness + byChroma * byChroma + byHue * byHue + rotation * byChroma * byHue)
    }
}

/// Returns the contrast of two colours by the formula of WCAG 2.1.
func contrast(_ left: Int32, _ right: Int32) -> Double {
    let (one, two) = (luminance(left), luminance(right))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)
}

private func luminance(_ rgb: Int32) -> Double {
    0.2126 * linear(rgb, 16) + 0.7152 * linear(rgb, 8) + 0.0722 * linear(rgb, 0)
}

private func linear(_ rgb: Int32, _ shift: Int) -> Double {
    let value = Double((rgb >> Int32(shift)) & 0xFF) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
}

private func degrees(_ y: Double, _ x: Double) -> Double {
    let angle = atan2(y, x) * 180 / .pi
    return angle < 0 ? angle + 360 : angle
}

private func sine(_ degrees: Double) -> Double { sin(degrees * .pi / 180) }
private func cosine(_ degrees: Double) -> Double { cos(degrees * .pi / 180) }
