//! What OTIO, Final Cut Pro 7 XML and FCPXML say.

use super::*;

/// An OTIO timeline with these items in one track.
fn otio(start: &str, items: &str) -> String {
    format!(
        r#"{{"OTIO_SCHEMA": "Timeline.1", "name": "T", "global_start_time": {start},
           "tracks": {{"OTIO_SCHEMA": "Stack.1", "children": [{}]}}}}"#,
        otio_track(items)
    )
}

fn otio_track(items: &str) -> String {
    format!(r#"{{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [{items}]}}"#)
}

fn otio_time(value: &str, rate: &str) -> String {
    format!(r#"{{"OTIO_SCHEMA": "RationalTime.1", "value": {value}, "rate": {rate}}}"#)
}

fn otio_range(start: &str, duration: &str, rate: &str) -> String {
    let (start, duration) = (otio_time(start, rate), otio_time(duration, rate));
    format!(r#"{{"OTIO_SCHEMA": "TimeRange.1", "start_time": {start}, "duration": {duration}}}"#)
}

/// A clip at 24 frames a second.
fn otio_clip(name: &str, start: &str, duration: &str, available: &str, more: &str) -> String {
    format!(
        r#"{{"OTIO_SCHEMA": "Clip.2", "name": "{name}", "source_range": {}, {more}
           "media_references": {{"DEFAULT_MEDIA": {{"OTIO_SCHEMA": "ExternalReference.1",
           "available_range": {available}, "target_url": "file:///a%20b/{name}%2emov"}}}},
           "active_media_reference_key": "DEFAULT_MEDIA"}}"#,
        otio_range(start, duration, "24.0")
    )
}

fn hour() -> String {
    otio_time("86400", "24")
}

#[test]
fn otio_counts_from_the_start_of_the_timeline_and_of_the_media() {
    let gap =
        format!(r#"{{"OTIO_SCHEMA": "Gap.1", "source_range": {}}}"#, otio_range("0", "10", "24"));
    let available = otio_range("1000", "500", "24");
    let clip = otio_clip("S01", "1010", "48", &available, "");
    let list = read_text(&otio(&hour(), &format!("{gap}, {clip}")));
    assert_eq!(list.rate, Some(format(R24).rate));
    assert_eq!(cut_texts(&list), ["V1-1 86410..86458 1010..1058 [S01, S01.mov]"]);
    assert!(!list.cuts[0].is_source_unsure);
}

#[test]
fn otio_clip_without_a_range_plays_all_of_its_media() {
    let clip = format!(
        r#"{{"OTIO_SCHEMA": "Clip.1", "name": "S01", "source_range": null, "media_reference":
           {{"OTIO_SCHEMA": "ExternalReference.1", "available_range": {}}}}}"#,
        otio_range("100", "6", "24")
    );
    assert_eq!(cut_texts(&read_text(&otio(&hour(), &clip))), ["V1-1 86400..86406 100..106 [S01]"]);
}

#[test]
fn otio_floats_of_two_kinds_are_subtracted_in_seconds() {
    // Hiero: a 32-bit rate for the clip, a decimal one for the media, at 19:26 h; the naive difference is 9.99 frames.
    let rate = "23.976024627685547";
    let range = otio_range("1677611.7230", "24", rate);
    let available = otio_range("1677602", "500", "23.976");
    let clip = format!(
        r#"{{"OTIO_SCHEMA": "Clip.1", "name": "S01", "source_range": {range}, "media_reference":
           {{"OTIO_SCHEMA": "ExternalReference.1", "available_range": {available}}}}}"#
    );
    let list = read_text(&otio(&otio_time("86400", rate), &clip));
    assert_eq!(list.rate, Some(format(R23_976).rate));
    assert_eq!(cut_texts(&list), ["V1-1 86400..86424 1677610..1677634 [S01]"]);
}

#[test]
fn otio_transition_moves_nothing_and_mixes_both_neighbours() {
    let available = otio_range("0", "500", "24");
    let transition = format!(
        r#"{{"OTIO_SCHEMA": "Transition.1", "in_offset": {}, "out_offset": {}}}"#,
        otio_time("2", "24"),
        otio_time("3", "24")
    );
    let items = [
        otio_clip("A", "100", "10", &available, ""),
        transition,
        otio_clip("B", "200", "10", &available, ""),
    ];
    let list = read_text(&otio(&hour(), &items.join(", ")));
    assert_eq!(
        cut_texts(&list),
        ["V1-1 86400..86410 100..110 [A, A.mov]", "V1-2 86410..86420 200..210 [B, B.mov]"]
    );
    assert_eq!(list.cuts[0].mixed, Mixed { tail: 2, after: 3, ..Mixed::default() });
    assert_eq!(list.cuts[1].mixed, Mixed { head: 3, before: 2, ..Mixed::default() });
}

#[test]
fn otio_effects_of_time_other_rates_and_nested_clips_are_told() {
    let available = otio_range("0", "500", "24");
    let effect = |effect: &str| {
        otio_clip("A", "100", "10", &available, &format!(r#""effects": [{effect}],"#))
    };
    let play = |items: &str| read_text(&otio(&hour(), items)).cuts[0].play.clone();
    let retimed = |name: &str| Play::Retimed(Retiming::Effect { name: name.to_owned() });
    let warp = r#"{"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "time_scalar": -1.0}"#;
    assert_eq!(play(&effect(warp)), retimed("LinearTimeWarp"));
    assert_eq!(
        play(&effect(r#"{"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": 1.0}"#)),
        Play::Plain
    );
    assert_eq!(
        play(&effect(r#"{"OTIO_SCHEMA": "FreezeFrame.1", "effect_name": "hold"}"#)),
        retimed("hold")
    );
    assert_eq!(play(&effect(r#"{"OTIO_SCHEMA": "Effect.1", "effect_name": "blur"}"#)), Play::Plain);
    let other = otio_range("0", "500", "25");
    let (media, timeline) = (format(R25).rate, format(R24).rate);
    assert_eq!(
        play(&otio_clip("A", "100", "10", &other, "")),
        Play::Retimed(Retiming::Rate { media, timeline })
    );
    let nested = |items: &str| {
        let range = otio_range("4", "6", "24");
        format!(
            r#"{{"OTIO_SCHEMA": "Stack.1", "name": "N", "source_range": {range}, "children": [{}]}}"#,
            otio_track(items)
        )
    };
    let one = otio_clip("A", "100", "10", &available, "");
    let two = otio_clip("B", "200", "10", &available, "");
    let list = read_text(&otio(&hour(), &nested(&format!("{one}, {two}"))));
    assert_eq!(cut_texts(&list), ["V1-1 86400..86406 104..110 [A, N, A.mov]"]);
    let short = otio_clip("A", "100", "8", &available, "");
    assert_eq!(play(&nested(&format!("{short}, {two}"))), Play::Nested { clips: 2 });
    assert_eq!(play(&nested(&short)), Play::Nested { clips: 1 });
}

#[test]
fn otio_unknown_schemas_are_harmless_outside_of_tracks_alone() {
    let available = otio_range("0", "500", "24");
    let markers =
        r#""markers": [{"OTIO_SCHEMA": "Marker.9", "x": [1, {"y": null}]}], "metadata": [1, 2],"#;
    let clip = otio_clip("A", "100", "10", &available, markers);
    assert_eq!(read_text(&otio(&hour(), &clip)).cuts.len(), 1);
    assert_eq!(
        refusal(otio(&hour(), &format!(r#"{{"OTIO_SCHEMA": "Wormhole.1"}}, {clip}"#))),
        "list_line: V1-1: it is a \"Wormhole.1\", which is not known"
    );
}

#[test]
fn otio_disabled_generated_and_unnamed_items_are_passed_over() {
    let range = otio_range("0", "10", "24");
    let available = otio_range("0", "500", "24");
    let items = [
        otio_clip("A", "100", "10", &available, r#""enabled": false,"#),
        format!(
            r#"{{"OTIO_SCHEMA": "Clip.1", "name": "", "source_range": {range}, "media_reference": {{"OTIO_SCHEMA": "MissingReference.1"}}}}"#
        ),
        format!(
            r#"{{"OTIO_SCHEMA": "Clip.1", "name": "Bars", "source_range": {range}, "media_reference": {{"OTIO_SCHEMA": "GeneratorReference.1"}}}}"#
        ),
        otio_clip("B", "200", "10", &available, ""),
    ];
    let list = read_text(&otio(&hour(), &items.join(", ")));
    let kinds: Vec<PassedKind> = list.passed_over.iter().map(|passed| passed.kind).collect();
    assert_eq!(kinds, [PassedKind::Disabled, PassedKind::Unnamed, PassedKind::Generator]);
    assert_eq!(cut_texts(&list), ["V1-4 86430..86440 200..210 [B, B.mov]"]);
}

#[test]
fn otio_track_that_is_trimmed_trims_its_clips() {
    let available = otio_range("0", "500", "24");
    let items =
        [otio_clip("A", "100", "10", &available, ""), otio_clip("B", "200", "10", &available, "")];
    let tracks = |start: &str| {
        let range = otio_range(start, "12", "24");
        format!(
            r#"{{"OTIO_SCHEMA": "Timeline.1", "global_start_time": {}, "tracks": {{"OTIO_SCHEMA": "Stack.1",
               "children": [{{"OTIO_SCHEMA": "Track.1", "kind": "Video", "source_range": {range},
               "children": [{}]}}]}}}}"#,
            hour(),
            items.join(", ")
        )
    };
    assert_eq!(
        cut_texts(&read_text(&tracks("4"))),
        ["V1-1 86400..86406 104..110 [A, A.mov]", "V1-2 86406..86412 200..206 [B, B.mov]"]
    );
    assert_eq!(
        cut_texts(&read_text(&tracks("-2"))),
        ["V1-1 86402..86412 100..110 [A, A.mov]"],
        "the list begins with two frames of nothing"
    );
}

#[test]
fn json_that_is_damaged_or_too_deep_is_refused_by_line() {
    assert_eq!(
        refusal("{\"OTIO_SCHEMA\":\n \"Timeline.1\", }"),
        "list_unreadable: line 2: it is not OTIO: trailing comma at line 2 column 16"
    );
    let deep = format!("{}{}", "{\"tracks\":".repeat(200), "}".repeat(200));
    assert!(refusal(deep).contains("recursion limit exceeded"));
    assert_eq!(
        refusal("{".repeat(1_000_001)),
        "list_unreadable: it holds more than 1000000 objects"
    );
}

/// An xmeml sequence of 25 frames a second from 01:00:00:00.
fn xmeml(tracks: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE xmeml>\n<xmeml version=\"5\"><sequence id=\"s\"><name>T</name>\
         <rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>\
         <timecode><string>01:00:00:00</string><frame>90000</frame><displayformat>NDF</displayformat></timecode>\
         <media><video>{tracks}</video></media></sequence></xmeml>"
    )
}

fn clipitem(range: (i64, i64), source_in: i64, more: &str) -> String {
    format!(
        "<clipitem><name>A</name><start>{}</start><end>{}</end><in>{source_in}</in><out>9999</out>{more}</clipitem>",
        range.0, range.1
    )
}

fn file(id: &str, start: i64) -> String {
    format!(
        "<file id=\"{id}\"><name>{id}.mov</name><pathurl>file://localhost/D%3a/m/{id}.mov</pathurl>\
         <rate><timebase>25</timebase></rate>\
         <timecode><frame>{start}</frame><reel><name>R_{id}</name></reel></timecode></file>"
    )
}

#[test]
fn xmeml_items_count_from_their_medias_start_and_files_are_given_once() {
    let items = [
        clipitem((0, 50), 10, &file("f", 1000)),
        clipitem((50, 60), 200, "<file id=\"f\"/>"),
        clipitem((70, 80), 3, ""),
    ];
    let list = read_text(&xmeml(&format!("<track>{}</track>", items.concat())));
    assert_eq!(
        cut_texts(&list),
        [
            "V1-1 90000..90050 1010..1060 [A, f.mov, f.mov, R_f]",
            "V1-2 90050..90060 1200..1210 [A, f.mov, f.mov, R_f]",
            "V1-3 90070..90080 3..13 [A]",
        ]
    );
    assert_eq!((list.cuts[0].line, list.cuts[2].is_source_unsure), (Some(3), true));
    assert_eq!(list.counting, Counting::Unstated, "25 frames a second cannot drop any");
}

#[test]
fn xmeml_ends_of_minus_one_lie_in_the_transition() {
    let transition = "<transitionitem><start>40</start><end>60</end></transitionitem>";
    let items = [
        clipitem((0, -1), 0, &file("f", 0)),
        transition.to_owned(),
        clipitem((-1, 90), 7, &file("g", 0)),
    ];
    let list = read_text(&xmeml(&format!("<track>{}</track>", items.concat())));
    assert_eq!(
        cut_texts(&list),
        [
            "V1-1 90000..90060 0..60 [A, f.mov, f.mov, R_f]",
            "V1-2 90040..90090 7..57 [A, g.mov, g.mov, R_g]"
        ]
    );
    assert_eq!((list.cuts[0].mixed.tail, list.cuts[1].mixed.head), (20, 20));
    assert_eq!(
        refusal(xmeml(&format!("<track>{}</track>", clipitem((0, -1), 0, "")))),
        "list_line: line 3: V1-1: its end is left to a transition, and there is none beside it"
    );
}

#[test]
fn xmeml_retimes_rates_subclips_and_nested_sequences_are_told() {
    let play = |more: &str| {
        let list = read_text(&xmeml(&format!("<track>{}</track>", clipitem((0, 10), 0, more))));
        list.cuts[0].play.clone()
    };
    let remap = |parameter: &str, value: &str| {
        format!(
            "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><parameter>\
             <parameterid>{parameter}</parameterid><value>{value}</value></parameter></effect></filter>"
        )
    };
    let retimed = Play::Retimed(Retiming::Effect { name: "Time Remap".to_owned() });
    assert_eq!(play(&remap("speed", "50")), retimed);
    assert_eq!(play(&remap("speed", "100.0")), Play::Plain);
    assert_eq!(play(&remap("variablespeed", "1")), retimed);
    assert_eq!(play(&remap("reverse", "TRUE")), retimed);
    assert_eq!(play("<stillframe>TRUE</stillframe>"), Play::Retimed(Retiming::Still));
    let (media, timeline) = (format(R24).rate, format(R25).rate);
    let other = Play::Retimed(Retiming::Rate { media, timeline });
    assert_eq!(play("<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"), other);
    assert_eq!(
        play(
            "<file id=\"x\"><name>x</name><rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate></file>"
        ),
        other
    );
    assert_eq!(
        play("<subclipinfo><startoffset>40</startoffset></subclipinfo>"),
        Play::Nested { clips: 1 }
    );
    let nested = |items: &str| {
        format!(
            "<sequence id=\"n\"><name>N</name><rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>\
             <media><video><track>{items}</track></video></media></sequence>"
        )
    };
    let two =
        [clipitem((0, 5), 0, &file("f", 0)), clipitem((5, 20), 0, "<file id=\"f\"/>")].concat();
    assert_eq!(play(&nested(&two)), Play::Nested { clips: 2 });
    let inner = clipitem((0, 20), 7, &file("f", 100));
    let list =
        read_text(&xmeml(&format!("<track>{}</track>", clipitem((0, 10), 4, &nested(&inner)))));
    assert_eq!(cut_texts(&list), ["V1-1 90000..90010 111..121 [A, f.mov, f.mov, R_f]"]);
}

#[test]
fn xmeml_with_several_sequences_wants_a_name() {
    let one = xmeml(&format!("<track>{}</track>", clipitem((0, 10), 0, "")));
    let sequence = &one
        [one.find("<sequence").expect("it is there")..one.find("</xmeml>").expect("it is there")];
    let two = format!(
        "<xmeml><project><children>{sequence}{}</children></project></xmeml>",
        sequence.replace("<name>T<", "<name>U<")
    );
    assert_eq!(refusal(&two), "list_timelines: it has 2 timelines: \"T\", \"U\"");
    let list = read(two.as_bytes(), Some("U")).expect("it can be read");
    assert_eq!(list.title.as_deref(), Some("U"));
    let error = read(two.as_bytes(), Some("V")).expect_err("there is no such timeline");
    assert_eq!(error.to_string(), "none of its 2 timelines is called \"V\": \"T\", \"U\"");
}

/// An FCPXML project of 24000/1001 frames a second from 01:00:00:00.
fn fcpxml(spine: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE fcpxml>\n<fcpxml version=\"1.10\"><resources>\
         <format id=\"r1\" frameDuration=\"1001/24000s\"/>\
         <asset id=\"a\" name=\"A\" start=\"36036/10s\" duration=\"100s\" hasVideo=\"1\" format=\"r1\">\
         <media-rep kind=\"original-media\" src=\"file:///m/A%20B.mov\"/></asset>\
         <asset id=\"s\" name=\"S\" hasAudio=\"1\"/><effect id=\"t\" name=\"Title\"/>\
         <media id=\"m\" name=\"M\"><sequence format=\"r1\" tcStart=\"0s\"><spine>\
         <asset-clip ref=\"a\" name=\"in M\" offset=\"0s\" start=\"36036/10s\" duration=\"1001/1000s\"/>\
         <asset-clip ref=\"a\" name=\"in M\" offset=\"1001/1000s\" start=\"36036/10s\" duration=\"1001/1000s\"/>\
         </spine></sequence></media></resources><library><event><project name=\"P\">\
         <sequence format=\"r1\" tcStart=\"36036/10s\" tcFormat=\"NDF\"><spine>{spine}</spine></sequence>\
         </project></event></library></fcpxml>"
    )
}

#[test]
fn fcpxml_times_are_exact() {
    let list = read_text(&fcpxml(
        "<gap offset=\"36036/10s\" start=\"3600s\" duration=\"1001/1000s\"/>\
         <asset-clip ref=\"a\" name=\"one\" offset=\"3604601/1000s\" start=\"3605602/1000s\" duration=\"2002/1000s\">\
         <metadata><md key=\"com.apple.proapps.studio.reel\" value=\"R1\"/></metadata></asset-clip>",
    ));
    assert_eq!(list.rate, Some(format(R23_976).rate));
    assert_eq!(list.counting, Counting::NonDrop { line: Some(3) });
    assert_eq!(cut_texts(&list), ["1 86424..86472 86448..86496 [one, A, A B.mov, R1]"]);
    assert_eq!(
        refusal(fcpxml(
            "<asset-clip ref=\"a\" name=\"x\" offset=\"3604s\" duration=\"1001/1000s\"/>"
        )),
        "list_line: line 3: <asset-clip> \"x\": its offset is between two frames of the timeline"
    );
}

#[test]
fn fcpxml_lanes_are_layers_and_connected_clips_count_in_their_parents_time() {
    let list = read_text(&fcpxml(
        "<gap offset=\"36036/10s\" start=\"3600s\" duration=\"10010/1000s\">\
         <asset-clip ref=\"a\" lane=\"2\" name=\"up\" offset=\"3601001/1000s\" duration=\"1001/1000s\"/>\
         <asset-clip ref=\"s\" lane=\"-1\" name=\"sound\" offset=\"3600s\" duration=\"1s\"/>\
         <title ref=\"t\" lane=\"3\" name=\"words\" offset=\"3600s\" duration=\"1001/1000s\"/>\
         <spine lane=\"1\" offset=\"3602002/1000s\">\
         <asset-clip ref=\"a\" name=\"story\" offset=\"0s\" start=\"3604601/1000s\" duration=\"1001/1000s\"/>\
         </spine></gap>",
    ));
    let mut texts: Vec<String> =
        list.cuts.iter().map(|cut| format!("{} on {}", cut_text(cut), cut.layer)).collect();
    texts.sort();
    assert_eq!(
        texts,
        [
            "1 86424..86448 86400..86424 [up, A, A B.mov] on 1",
            "4 86448..86472 86424..86448 [story, A, A B.mov] on 0",
        ]
    );
    assert_eq!(list.passed_over_count(PassedKind::Audio), 1);
    assert_eq!(list.passed_over_count(PassedKind::Generator), 1);
}

#[test]
fn fcpxml_transition_overlaps_its_neighbours() {
    let clip = |name: &str, offset: &str| {
        format!(
            "<asset-clip ref=\"a\" name=\"{name}\" offset=\"{offset}\" start=\"36036/10s\" duration=\"1001/1000s\"/>"
        )
    };
    let list = read_text(&fcpxml(&format!(
        "{}<transition name=\"x\" offset=\"43251208/12000s\" duration=\"4004/12000s\"/>{}",
        clip("one", "36036/10s"),
        clip("two", "3604601/1000s")
    )));
    assert_eq!(list.cuts[0].mixed, Mixed { tail: 8, ..Mixed::default() }, "it ends at the cut");
    assert_eq!(list.cuts[1].mixed, Mixed { before: 8, ..Mixed::default() });
}

#[test]
fn fcpxml_compound_clips_are_followed_to_a_single_asset() {
    let reference = |start: &str, duration: &str| {
        fcpxml(&format!(
            "<ref-clip ref=\"m\" name=\"R\" offset=\"36036/10s\" start=\"{start}\" duration=\"{duration}\"/>"
        ))
    };
    let list = read_text(&reference("3003/2000s", "1001/2000s"));
    assert_eq!(cut_texts(&list), ["1 86400..86412 86412..86424 [in M, A, A B.mov]"]);
    let list = read_text(&reference("1001/2000s", "1001/1000s"));
    assert_eq!(list.cuts[0].play, Play::Nested { clips: 2 });
    let sync = read_text(&fcpxml(
        "<sync-clip name=\"Y\" offset=\"36036/10s\" duration=\"1001/1000s\">\
         <asset-clip ref=\"a\" name=\"V\" offset=\"0s\" duration=\"2002/1000s\">\
         <asset-clip ref=\"s\" lane=\"-1\" name=\"S\" offset=\"0s\" duration=\"1s\"/></asset-clip></sync-clip>",
    ));
    assert_eq!(cut_texts(&sync), ["1 86400..86424 86400..86424 [V, A, A B.mov]"]);
    let warped = read_text(&fcpxml(
        "<asset-clip ref=\"a\" name=\"x\" offset=\"36036/10s\" duration=\"1001/1000s\"><timeMap/></asset-clip>",
    ));
    assert_eq!(warped.cuts[0].play, Play::Retimed(Retiming::Effect { name: "timeMap".to_owned() }));
    let conformed = read_text(&fcpxml(
        "<asset-clip ref=\"a\" name=\"x\" offset=\"36036/10s\" duration=\"1001/1000s\"><conform-rate srcFrameRate=\"25\"/></asset-clip>",
    ));
    let (media, timeline) = (format(R25).rate, format(R23_976).rate);
    assert_eq!(conformed.cuts[0].play, Play::Retimed(Retiming::Rate { media, timeline }));
}

#[test]
fn xml_declares_no_entity_and_stays_in_proportion() {
    assert_eq!(
        refusal("<!DOCTYPE xmeml [\n<!ENTITY a \"aaaa\">]>\n<xmeml>&a;</xmeml>"),
        "list_unreadable: line 2: it declares an entity, and entities are not followed"
    );
    let attributes: String = (0..65).map(|number| format!(" a{number}=\"\"")).collect();
    assert_eq!(
        refusal(format!("<xmeml>\n<a{attributes}/></xmeml>")),
        "list_unreadable: line 2: it is not XML that places pictures: more than 64 attributes of one element"
    );
    assert_eq!(
        refusal(format!("<xmeml>{}</xmeml>", "<a/>".repeat(6_000_001))),
        "list_unreadable: it holds more than 3000000 XML nodes"
    );
    let deep = format!("<xmeml>{}{}</xmeml>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(refusal(deep), "list_timelines: it has no timeline");
}

#[test]
fn items_that_refer_to_one_large_sequence_are_refused_after_so_many_looks() {
    let inner: String = (0..5000).map(|at| clipitem((at, at + 1), 0, "")).collect();
    let nested = format!(
        "<sequence id=\"n\"><name>N</name><rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>\
         <media><video><track>{inner}</track></video></media></sequence>"
    );
    let first = clipitem((0, 10), 0, &nested);
    let others: String =
        (1..1000).map(|at| clipitem((at * 10, at * 10 + 10), 0, "<sequence id=\"n\"/>")).collect();
    assert!(
        refusal(xmeml(&format!("<track>{first}{others}</track>")))
            .ends_with("what is nested in it is too large to be followed")
    );
    let children = "<x/>".repeat(257);
    let large = clipitem((0, 10), 0, &format!("<file id=\"f\">{children}</file>"));
    assert_eq!(
        refusal(xmeml(&format!("<track>{large}</track>"))),
        "list_unreadable: line 3: it is not XML that places pictures: more than 256 children of one shared element"
    );
}

#[test]
fn fcpxml_times_beyond_all_reason_are_refused() {
    let huge = "9223372036854775807s";
    let text = fcpxml(&format!(
        "<asset-clip ref=\"a\" name=\"x\" offset=\"-{huge}\" duration=\"{huge}\"/>"
    ));
    assert!(refusal(text).starts_with("list_line: line 3: <asset-clip> \"x\": "));
}
