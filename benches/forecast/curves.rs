//! Curves as posts really grow: bursts, slow fires, posts that die, that stop and go, that sleep at night,
//! and some that nobody can foresee. Made by formula and a fixed seed, so that every run has the same.

#![allow(clippy::cast_precision_loss, reason = "dice")]

/// One post of a curve: minutes after the curve's begin at which it is published, and what it shows.
pub struct Posted {
    pub published: f64,
    pub figure: Box<dyn Fn(f64) -> f64>,
}

/// One statement to be replayed.
pub struct Curve {
    pub family: &'static str,
    pub name: String,
    /// Whether the figure is reposts on a microblog instead of views on a forum.
    pub reposts: bool,
    pub posts: Vec<Posted>,
    pub seed: u64,
}

/// A small generator of our own: the figures must not change with a library.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Between 0 and 1.
    pub fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.roll()
    }

    /// Evenly over orders of magnitude.
    pub fn scale(&mut self, low: f64, high: f64) -> f64 {
        (self.between(low.ln(), high.ln())).exp()
    }
}

/// Curves of each family.
const OF_EACH: u64 = 24;

type Figure = Box<dyn Fn(f64) -> f64>;

/// A family by its name and its curve under a dice.
type Family = (&'static str, fn(&mut Dice) -> Figure);

const FAMILIES: [Family; 8] = [
    ("logistic burst", |dice| {
        let (most, middle, spread) =
            (dice.scale(2_000.0, 200_000.0), dice.between(90.0, 900.0), dice.between(25.0, 150.0));
        let begin = most / (1.0 + (middle / spread).exp());
        Box::new(move |t| most / (1.0 + (-(t - middle) / spread).exp()) - begin)
    }),
    ("power law", |dice| {
        let (power, at_day) = (dice.between(0.5, 1.6), dice.scale(800.0, 60_000.0));
        Box::new(move |t| at_day * (t / 1_440.0).powf(power))
    }),
    ("slow linear", |dice| {
        let per_hour = dice.scale(10.0, 900.0);
        Box::new(move |t| per_hour * t / 60.0)
    }),
    ("stop and go", |dice| {
        let (per_hour, on, off) =
            (dice.scale(100.0, 4_000.0), dice.between(30.0, 180.0), dice.between(30.0, 240.0));
        Box::new(move |t| {
            let whole = (t / (on + off)).floor();
            per_hour / 60.0 * (whole * on + (t - whole * (on + off)).min(on))
        })
    }),
    ("dying", |dice| {
        let (most, life) = (dice.scale(300.0, 30_000.0), dice.between(60.0, 500.0));
        Box::new(move |t| most * (1.0 - (-t / life).exp()))
    }),
    ("day and night", |dice| {
        let (per_hour, phase) = (dice.scale(100.0, 2_500.0), dice.between(0.0, 1_440.0));
        let turn = std::f64::consts::TAU / 1_440.0;
        Box::new(move |t| {
            per_hour / 60.0 * (t - 0.9 / turn * ((turn * (t + phase)).sin() - (turn * phase).sin()))
        })
    }),
    ("two waves", |dice| {
        let (first, second) = (dice.scale(500.0, 8_000.0), dice.scale(2_000.0, 80_000.0));
        let (life, middle, spread) =
            (dice.between(60.0, 240.0), dice.between(500.0, 1_500.0), dice.between(30.0, 120.0));
        Box::new(move |t| first * (1.0 - (-t / life).exp()) + second / (1.0 + (-(t - middle) / spread).exp()))
    }),
    ("sudden jump", |dice| {
        let (per_hour, at, jump) =
            (dice.scale(5.0, 60.0), dice.between(120.0, 1_200.0), dice.scale(1_500.0, 90_000.0));
        Box::new(move |t| per_hour * t / 60.0 + if t > at { jump * ((t - at) / 20.0).min(1.0) } else { 0.0 })
    }),
];

/// All of them. Reposts run a fiftieth as high, and a third of the curves are spread over up to three
/// posts on different sites.
pub fn all() -> Vec<Curve> {
    let mut curves = Vec::new();
    for (nth, (family, make)) in FAMILIES.iter().enumerate() {
        for number in 0..OF_EACH {
            let seed = 1_000 * (nth as u64 + 1) + number;
            let mut dice = Dice::new(seed);
            let reposts = number % 4 == 3;
            let n_posts = if number % 3 == 2 { 2 + number % 2 } else { 1 };
            let share = if reposts { 0.02 } else { 1.0 } / n_posts as f64;
            let posts = (0..n_posts)
                .map(|at| {
                    let figure = make(&mut dice);
                    let ripple = dice.between(0.0, 0.04);
                    Posted {
                        published: at as f64 * dice.between(20.0, 240.0),
                        figure: Box::new(move |t| {
                            // Nothing grows evenly; the figure itself never falls.
                            let t = t.max(0.0);
                            let uneven = t + ripple * 30.0 * (t / 30.0).sin();
                            (share * figure(uneven.max(0.0))).max(0.0)
                        }),
                    }
                })
                .collect();
            curves.push(Curve { family, name: format!("{family} {number}"), reposts, posts, seed });
        }
    }
    curves
}
