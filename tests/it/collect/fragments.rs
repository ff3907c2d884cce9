//! Text of the fragments that feeds and APIs carry: the quick way of reading them must say what HTML's own
//! parser says. A table at the end, which only the parser knows, makes it the judge.

use proptest::prelude::*;
use yuqing::collect::adapter::plain_text;

fn piece() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("停水"),
        Just("工资 "),
        Just(" "),
        Just("\n"),
        Just("a<b"),
        Just("&"),
        Just("& "),
        Just("&amp;"),
        Just("&nbsp;"),
        Just("&lt;p&gt;"),
        Just("&#20572;"),
        Just("&#x505c;"),
        Just("&copy"),
        Just("&hellip;"),
        Just("&notin;"),
        Just("&#128;"),
        Just("<br>"),
        Just("<br/>"),
        Just("</br>"),
        Just("<hr>"),
        Just("<!-- x -->"),
        Just("<!-->y"),
        Just("<img src=\"a.png\" alt='x'>"),
        Just("<a href=\"https://a.example/?a=1&amp;b=2\">"),
        Just("</a>"),
        Just("<script>x</script>"),
        Just("<style>y</style>"),
        Just("<td>"),
        Just("<"),
        Just("</"),
        Just("<P CLASS=x>"),
        Just("<p class=x>"),
        Just("<o:p></o:p>"),
        Just("\u{3000}"),
        Just("\r\n"),
        Just("<p"),
    ];
    let tags = prop::sample::select(vec![
        "p",
        "div",
        "b",
        "strong",
        "span",
        "em",
        "i",
        "u",
        "ul",
        "ol",
        "li",
        "h1",
        "h3",
        "blockquote",
        "section",
        "pre",
        "font",
        "code",
    ]);
    prop_oneof![
        4 => words.prop_map(str::to_owned),
        3 => tags.clone().prop_map(|tag| format!("<{tag}>")),
        3 => tags.prop_map(|tag| format!("</{tag}>")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_fragment_reads_as_by_the_parser(pieces in prop::collection::vec(piece(), 0..14)) {
        let html = pieces.concat();
        // Text without any mark-up keeps its lines, which HTML would fold.
        prop_assume!(html.contains(['<', '&']));
        // Whatever is open at the end is closed by a comment's end or not at all; the table stands behind.
        prop_assert_eq!(plain_text(&html), plain_text(&format!("<table></table>{html}")));
    }
}

#[test]
fn white_space_is_folded_and_lines_are_kept() {
    assert_eq!(plain_text("  一 \u{3000} 二\n\n \n三\r\n 四  "), "一 二\n三\n四");
    assert_eq!(plain_text("<p>一</p>\n<p>二<br>三</p>"), "一\n二\n三");
}
