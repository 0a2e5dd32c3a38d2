//! What a file is, and what CMX 3600 says.

use super::*;

const HEAD: &str = "TITLE: REEL 1\nFCM: NON-DROP FRAME\n";
const CUT: &str = "001  A001C002 V     C        10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00\n";

#[test]
fn files_are_known_by_their_content() {
    assert_eq!(refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "list_kind: it is an AAF");
    assert_eq!(
        refusal("Heading\r\nFIELD_DELIM\tTABS\r\n"),
        "list_kind: it is an Avid Log Exchange, which says nothing about where clips go"
    );
    assert_eq!(
        refusal("Heading\rFIELD_DELIM\tTABS\r").split(',').next(),
        Some("list_kind: it is an Avid Log Exchange")
    );
    assert_eq!(
        refusal(b"PK\x03\x04rest"),
        "list_kind: it is a ZIP archive (an .otioz, or a project)"
    );
    assert_eq!(
        refusal(b"\x1f\x8b\x08rest"),
        "list_kind: it is a gzip archive (a Premiere project is one)"
    );
    assert_eq!(refusal(b"\0\0\0\x14ftypqt  "), "list_kind: it is a movie");
    assert_eq!(refusal(b"%PDF-1.7"), "list_kind: it is a PDF");
    assert_eq!(refusal("{\"a\": 1}"), "list_kind: it is JSON, and not OTIO");
    assert_eq!(
        refusal("{\"OTIO_SCHEMA\": \"Clip.2\"}"),
        "list_kind: it is an OTIO Clip.2, not a timeline"
    );
    assert_eq!(
        refusal("<?xml version=\"1.0\"?><PremiereData/>"),
        "list_kind: it is XML of another kind (its root element is <PremiereData>)"
    );
    assert_eq!(refusal("shopping\nmilk\n"), "list_kind: it is text without an event");
    assert_eq!(refusal(""), "list_kind: it is text without an event");
    assert_eq!(refusal("TITLE: x\n\0\0y"), "list_unreadable: it is not text: byte 9 is zero");
}

#[test]
fn file_of_more_than_64_mib_is_refused_without_reading_it() {
    let long = vec![b' '; (64 << 20) + 1];
    assert_eq!(
        refusal(long),
        "list_unreadable: it is 67108865 bytes long, and lists may have 67108864"
    );
}

#[test]
fn lines_and_names_beyond_all_reason_cost_little() {
    const EVENT: &str = "001  T1 V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n";
    let long = "1 ".repeat(5000);
    assert_eq!(
        refusal(format!("{EVENT}{long}")),
        format!("list_line: line 2: this cannot be read as an event: {}...", &long[..120])
    );
    assert_eq!(read_text(&format!("{EVENT}NOTE {long}")).cuts.len(), 1);
    let name = format!("* FROM CLIP NAME: {}\n", "x".repeat(1 << 20));
    assert_eq!(read_text(&format!("{EVENT}{}", name.repeat(15))).cuts[0].names.len(), 16);
    assert_eq!(
        refusal(format!("{EVENT}{}", name.repeat(16))),
        "list_unreadable: it holds more than 16777216 bytes of names"
    );
}

#[test]
fn event_is_read_with_its_names() {
    let list = read_text(&format!(
        "{HEAD}{CUT}* FROM CLIP NAME:  12A-3*\n* SOURCE FILE: A001C002_160101_R1BK\n"
    ));
    assert_eq!(list.title.as_deref(), Some("REEL 1"));
    assert_eq!(list.counting, Counting::NonDrop { line: Some(2) });
    assert_eq!(
        cut_texts(&list),
        ["001 01:00:00:00-01:00:02:00 10:00:00:00-10:00:02:00 \
          [A001C002, 12A-3*, A001C002_160101_R1BK]"]
    );
    assert_eq!(list.cuts[0].line, Some(3));
}

#[test]
fn names_stand_in_many_comments() {
    let comments = [
        ("*REEL: B008", "B008"),
        ("* FROM FILE: /Volumes/x/S01.mov", "S01.mov"),
        ("* FROM CLIP: C:\\media\\S01.mov", "S01.mov"),
        ("DLEDL: REEL: A001C002_160101_R1BK", "A001C002_160101_R1BK"),
        ("DLEDL: PATH: /Volumes/x/S02.mov", "S02.mov"),
        ("FINAL CUT PRO REEL: A001-C002 REPLACED BY: A001C002", "A001-C002"),
    ];
    for (comment, name) in comments {
        let list = read_text(&format!("{HEAD}{CUT}{comment}\n"));
        let names: Vec<&str> = list.cuts[0].names.iter().map(|name| name.text.as_str()).collect();
        assert!(names.contains(&name), "{comment}: {names:?}");
    }
    let list = read_text(&format!("{HEAD}{CUT}* REEL RC100009 IS CLIP 28661.mov\n"));
    assert_eq!(list.cuts[0].names[1].text, "RC100009");
    assert_eq!(list.cuts[0].names[2].text, "28661.mov");
}

#[test]
fn other_comments_are_harmless() {
    let list = read_text(&format!(
        "* A LIST\n{HEAD}{CUT}*ASC_SOP (1 1 1)(0 0 0)(1 1 1)\n*ASC_SAT 1.0\n* LOC: 01:00:00:12 YELLOW  X\n\
         091_MJ_0020\nAUD  3    4\nSPLIT:    AUDIO DELAY=  00:00:00:05\n>>> SOURCE 1 1 4919975f.793b8d33\n\
         24 FRAMES OF 01:00:00:00 ARE MISSING\n* TITLE: NO\n\n"
    ));
    assert_eq!(list.cuts.len(), 1);
    assert_eq!(list.cuts[0].names.len(), 1);
}

#[test]
fn columns_may_have_any_width() {
    let labels = "10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00";
    for (line, label, reel) in [
        (format!("001  A V C {labels}"), "001", "A"),
        (
            format!("000001  A_0031C010_241010_133208_h1C2T   V     C        {labels} "),
            "000001",
            "A_0031C010_241010_133208_h1C2T",
        ),
        (format!("1234        AX V     C        {labels}  "), "1234", "AX"),
        (format!("0001 KASS1 A1234V C        {labels}"), "0001", "KASS1"),
        (format!("001  MY TAPE 3 AA/V  C        {labels}"), "001", "MY TAPE 3"),
        (format!("001  B B C {labels}"), "001", "B"),
        (format!("001  V C {labels}"), "001", ""),
    ] {
        let list = read_text(&line);
        assert_eq!(
            (list.cuts[0].label.as_str(), list.cuts[0].names[0].text.as_str()),
            (label, reel)
        );
    }
}

#[test]
fn audio_black_generators_stills_and_keys_are_passed_over() {
    let labels = "10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00";
    let list = read_text(&format!(
        "{CUT}002  T1 AA C {labels}\n003  T1 A2 C {labels}\n004  T1 NONE C {labels}\n005  BL V C {labels}\n\
         006  GEN V C {labels}\n007  AX V C {labels}\n* FROM CLIP IS A STILL\n008  AX V K B {labels}\n\
         008  AX V K 000 {labels}\n009  T1 V C 10:00:00:00 10:00:00:00 01:00:02:00 01:00:02:00\n"
    ));
    let kinds: Vec<PassedKind> = list.passed_over.iter().map(|passed| passed.kind).collect();
    use PassedKind::{Audio, Black, Empty, Generator, Key, Still};
    assert_eq!(kinds, [Audio, Audio, Audio, Black, Generator, Still, Key, Key, Empty]);
    assert_eq!(list.cuts.len(), 1);
    assert_eq!(
        refusal(format!("002  T1 AA C {labels}\n")),
        "list_no_picture: it has no picture event (1 audio events, 0 others)"
    );
}

#[test]
fn line_that_looks_like_an_event_and_is_none_is_refused() {
    for line in [
        "004  AX       V     C        1009        1064        00:00:00:00 00:00:02:07",
        "004  AX       V     X        10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00",
        "004  AX       V     C        10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:0O",
        "004  AX       V     C        10:00:00:00 10:00:02:00 25:00:00:00 25:00:02:00",
        "E04  AX       V     C        10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00",
        "004  AX       X     C        10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00",
        "004  AX       V     C        1009        1064        0           55",
    ] {
        assert_eq!(
            refusal(format!("{HEAD}{CUT}{line}\n")),
            format!("list_line: line 4: this cannot be read as an event: {line}")
        );
    }
}

#[test]
fn speed_belongs_to_its_line() {
    let list = read_text(
        "001  T1 V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n\
         001  T2 V D 010 11:00:00:00 11:00:01:00 01:00:01:00 01:00:02:00\n\
         M2   T2       012.5                11:00:00:00\n\
         002  T3 V C 12:00:00:00 12:00:01:00 01:00:02:00 01:00:03:00\n\
         M2   T3      -025.0                12:00:00:00\n",
    );
    assert_eq!(list.cuts[0].play, Play::Plain);
    assert_eq!(list.cuts[1].play, Play::Speed(Speed(12_500)));
    assert_eq!(list.cuts[2].play, Play::Speed(Speed(-25_000)));
    assert_eq!(Speed(-25_000).to_string(), "-25");
    assert_eq!(Speed(59_940).to_string(), "59.94");
    assert_eq!(
        refusal(format!("{CUT}M2   T3  fast  12:00:00:00\n")),
        "list_line: line 2: this cannot be read as the speed of an event: M2   T3  fast  12:00:00:00"
    );
    assert_eq!(
        refusal(format!("M2   T3  025.0  12:00:00:00\n{CUT}")),
        "list_line: line 1: this cannot be read as the speed of an event: M2   T3  025.0  12:00:00:00"
    );
}

#[test]
fn dissolve_has_two_lines_and_each_has_its_names() {
    let list = read_text(
        "001  T1 V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n\
         * FROM CLIP NAME: A\n\
         002  T1 V C 10:00:01:00 10:00:01:00 01:00:01:00 01:00:01:00\n\
         002  T2 V D 010 11:00:00:00 11:00:02:00 01:00:01:00 01:00:03:00\n\
         * FROM CLIP NAME: A\n* SOURCE FILE: FILE_A\n* TO CLIP NAME: B\n* SOURCE FILE: FILE_B\n",
    );
    assert_eq!(
        cut_texts(&list),
        [
            "001 01:00:00:00-01:00:01:00 10:00:00:00-10:00:01:00 [T1, A]",
            "002 01:00:01:00-01:00:03:00 11:00:00:00-11:00:02:00 [T2, B, FILE_B]",
        ]
    );
    assert_eq!(list.cuts[0].mixed, Mixed { after: 10, ..Mixed::default() });
    assert_eq!(list.cuts[1].mixed, Mixed { head: 10, ..Mixed::default() });
}

#[test]
fn dissolve_may_lack_its_letter_and_its_outgoing_cut_may_have_frames() {
    let list = read_text(
        "001  T1 V C   10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n\
         001  T2 V 010 11:00:00:00 11:00:02:00 01:00:01:00 01:00:03:00\n\
         002  T3 V W001 005 12:00:00:00 12:00:02:00 01:00:03:00 01:00:05:00\n",
    );
    assert_eq!(list.cuts[0].mixed.after, 10);
    assert_eq!(list.cuts[1].mixed.head, 10);
    assert_eq!(list.cuts[2].mixed, Mixed { head: 5, is_wipe: true, ..Mixed::default() });
}

#[test]
fn comments_below_two_cuts_of_one_number_are_about_the_second() {
    let list = read_text(
        "001  AX V C 10:00:00:00 10:00:01:00 01:00:00:00 01:00:01:00\n\
         001  AX V C 10:00:00:00 10:00:02:00 01:00:01:00 01:00:03:00\n* FROM CLIP NAME: S02.mov\n\
         002  AX V  C 10:00:00:00 10:00:01:00 01:00:03:00 01:00:04:00\n\
         002  AX A1 C 10:00:00:00 10:00:01:00 01:00:03:00 01:00:04:00\n* FROM CLIP NAME: S03.mov\n",
    );
    let names: Vec<Option<&str>> = list.cuts.iter().map(Cut::name).collect();
    assert_eq!(names, [None, Some("S02.mov"), Some("S03.mov")]);
}

#[test]
fn counting_is_the_headers_and_later_changes_are_about_sources() {
    let drop = read_text(&format!("FCM: DROP FRAME\n{CUT}FCM: NON-DROP FRAME\n{CUT}"));
    assert_eq!(drop.counting, Counting::Drop { line: Some(1) });
    let cut_at_drop =
        CUT.replace("01:00:02:00\n", "01:00:02;00\n").replace("01:00:00:00", "01:00:00;00");
    let both = read_text(&format!("FCM: NON-DROP FRAME\nFCM: DROP FRAME\n{cut_at_drop}"));
    assert_eq!(both.counting, Counting::Drop { line: None });
    let sources = CUT.replace("10:00:02:00", "10:00:02;00").replace("10:00:00:00", "10:00:00;00");
    let both = read_text(&format!("FCM: NON-DROP FRAME\nFCM: DROP FRAME\n{sources}"));
    assert_eq!(both.counting, Counting::NonDrop { line: None });
    assert_eq!(read_text(&cut_at_drop).counting, Counting::Drop { line: None });
    assert_eq!(read_text(CUT).counting, Counting::Unstated);
}

#[test]
fn bytes_may_be_of_any_age() {
    let text = format!("{HEAD}{CUT}* FROM CLIP NAME: K\u{e4}se.mov\n");
    let expected = cut_texts(&read_text(&text));
    let forms: [(&str, Vec<u8>); 6] = [
        ("CR", text.replace('\n', "\r").into_bytes()),
        ("CR LF", text.replace('\n', "\r\n").into_bytes()),
        ("signature", format!("\u{feff}{text}").into_bytes()),
        ("^Z", format!("{text}{}", "\x1a".repeat(81)).into_bytes()),
        (
            "UTF-16 LE",
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        ),
        (
            "UTF-16 BE",
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        ),
    ];
    for (form, bytes) in forms {
        let list = read(&bytes, None).expect("it can be read");
        assert_eq!(cut_texts(&list), expected, "{form}");
        assert!(!list.is_guessed_text, "{form}");
    }
    let latin: Vec<u8> =
        text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    let list = read(&latin, None).expect("it can be read");
    assert!(list.is_guessed_text);
    assert_eq!(cut_texts(&list), expected);
    assert_eq!(refusal(b"\xff\xfeA"), "list_unreadable: it begins as UTF-16, and it is not");
}

#[test]
fn order_and_audio_change_nothing_but_the_order() {
    let events: Vec<String> = (0..9)
        .map(|i| format!("{i:03}  T{i} V C 10:00:0{i}:00 10:00:0{i}:12 01:00:0{i}:00 01:00:0{i}:12\n* FROM CLIP NAME: N{i}\n"))
        .collect();
    let audio =
        "100  T1 A C 10:00:00:00 10:00:02:00 01:00:00:00 01:00:02:00\n* FROM CLIP NAME: X\n";
    let mut shuffled = events.clone();
    shuffled.reverse();
    shuffled.swap(2, 5);
    shuffled.insert(3, audio.to_owned());
    let mut expected = cut_texts(&read_text(&events.concat()));
    let mut found = cut_texts(&read_text(&shuffled.concat()));
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}
