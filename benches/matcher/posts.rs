//! Chinese posts and keywords out of a seed: characters by Zipf's law, the commonest ones in their real order,
//! put together to words of a vocabulary that again follows it; punctuation, digits, Latin, emoji, characters that
//! expand when folded in six posts of a hundred, traditional characters in four.

use fastrand::Rng;

/// The commonest characters, the commonest first.
const HEAD: &str = "\
    的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学么之都好看起发当没\
    成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回位分爱老因很给名法间斯知世什两次使身者被高已\
    亲其进此话常与活正感见明问力理尔点文几定本公特做外孩相西果走将月十实向声车全信重三机工物气每并别真打太新比才便夫再书部水像眼等体却";

/// Posts and the words that are looked for in them.
pub struct Posts {
    random: Rng,
    chars: Zipf<char>,
    vocabulary: Zipf<String>,
}

/// Things, each as often as its place in the list says.
struct Zipf<T> {
    things: Vec<T>,
    /// Sums of one by each place, in billionths.
    sums: Vec<u64>,
}

impl<T> Zipf<T> {
    fn new(things: Vec<T>) -> Self {
        let mut sum = 0;
        let sums = (1..=things.len() as u64).map(|place| {
            sum += 1_000_000_000 / place;
            sum
        });
        Self { sums: sums.collect(), things }
    }

    fn one(&self, random: &mut Rng) -> &T {
        let drawn = random.u64(..*self.sums.last().unwrap());
        &self.things[self.sums.partition_point(|&sum| sum <= drawn)]
    }
}

impl Posts {
    pub fn new(seed: u64) -> Self {
        let mut random = Rng::with_seed(seed);
        let mut all: Vec<char> = HEAD.chars().filter(|c| !c.is_whitespace()).collect();
        let mut rest: Vec<char> = common_han().filter(|c| !HEAD.contains(*c)).collect();
        random.shuffle(&mut rest);
        all.extend(rest);
        let chars = Zipf::new(all);
        let words = (0..30_000).map(|_| {
            let length = [1, 2, 2, 2, 2, 2, 2, 2, 3, 4][random.usize(..10)];
            (0..length).map(|_| *chars.one(&mut random)).collect()
        });
        let vocabulary = Zipf::new(words.collect());
        Self { random, chars, vocabulary }
    }

    /// Distinct words such as names of places and offices with what they are charged with: two to four words of
    /// the vocabulary, without its commonest words and without the commonest characters, as in names. Four
    /// characters or more; one in five has three, one in a hundred two.
    pub fn words(&mut self, n: usize) -> Vec<String> {
        let common: Vec<char> = HEAD.chars().filter(|c| !c.is_whitespace()).take(40).collect();
        let mut words = std::collections::BTreeSet::new();
        while words.len() < n {
            let least = match self.random.u8(..100) {
                0 => 2,
                1..=20 => 3,
                _ => 4,
            };
            let mut word = String::new();
            while word.chars().count() < least {
                let place = self.random.usize(2_000..self.vocabulary.things.len());
                let part = &self.vocabulary.things[place];
                if !part.contains(common.as_slice()) {
                    word.push_str(part);
                }
            }
            words.insert(word);
        }
        let mut words: Vec<String> = words.into_iter().collect();
        self.random.shuffle(&mut words);
        words
    }

    /// Posts of at least so many bytes together; one in `rare` of them holds one of the words, now and then with
    /// marks in it.
    pub fn posts(&mut self, bytes: usize, words: &[String], rare: u32) -> Vec<String> {
        let mut posts = Vec::new();
        let mut size = 0;
        while size < bytes {
            let mut post = self.post();
            if self.random.u32(..rare) == 0 {
                let word = self.random.choice(words).unwrap().clone();
                let hidden = self.random.u8(..8) == 0;
                let word: String =
                    word.chars().flat_map(|c| [Some(c), hidden.then_some('*')]).flatten().collect();
                post.push_str(&word);
                post.push_str(&self.post());
            }
            size += post.len();
            posts.push(post);
        }
        posts
    }

    fn post(&mut self) -> String {
        let mut post = String::new();
        let words = self.random.usize(8..120);
        let (expanding, traditional) = (self.random.u8(..100) < 6, self.random.u8(..100) < 4);
        for at in 0..words {
            match self.random.u8(..100) {
                0..=11 => post.push('，'),
                12..=15 => post.push('。'),
                16 => post.push('、'),
                17 => post.push_str("！！"),
                18 => post.push_str(&self.random.u32(1..3_000).to_string()),
                19 => post.push_str(
                    ["http://t.cn/A6xQ8kPz", "App", "vip", " ok ", "GDP", "5G"][self.random.usize(..6)],
                ),
                20 => post.push_str(["😂", "👍🏻", "❤\u{FE0F}", "[doge]", "🙏", "#"][self.random.usize(..6)]),
                21 => post.push(['\n', ' '][self.random.usize(..2)]),
                _ => {}
            }
            if expanding && at % 20 == 0 {
                post.push(['…', '㎡', '½', '℃', '㈱'][self.random.usize(..5)]);
            }
            post.push_str(self.vocabulary.one(&mut self.random));
            if traditional && at % 4 == 0 {
                post.push(
                    ['們', '這', '國', '學', '對', '說', '來', '會', '醫', '縣'][self.random.usize(..10)],
                );
            }
        }
        post.push(*self.chars.one(&mut self.random));
        post
    }
}

/// The 3,755 characters of the first level of GB 2312.
fn common_han() -> impl Iterator<Item = char> {
    (0xB0..=0xD7u8).flat_map(|row| (0xA1..=0xFEu8).map(move |cell| [row, cell])).filter_map(|bytes| {
        let (text, _, broken) = encoding_rs::GBK.decode(&bytes);
        text.chars().next().filter(|c| !broken && ('\u{4E00}'..='\u{9FFF}').contains(c))
    })
}
