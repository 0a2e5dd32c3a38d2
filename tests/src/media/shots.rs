//! Shots, and what a grade makes of them: for tests of what pictures show.
//!
//! - In: a [`Scene`] (what the base shows) and a [`Treatment`] (what became of it).
//! - Out: ProRes movies of [`FRAMES`] frames, each encoded by itself, so that they share no compression noise.
//! - Holds: frame `n` of a treated shot shows what frame `n` of the scene shows, unless the treatment says otherwise.
//! - Not here: where clips go.
//!
//! References: FFmpeg's filters and its `prores_ks` encoder.

use std::ops::Range;
use std::path::PathBuf;

use super::{cached, run};

/// Frames of a base.
pub const FRAMES: u32 = 120;

/// Pixels across and down.
pub const RASTER: (u32, u32) = (640, 360);

/// What a base shows.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// Its name.
    pub name: &'static str,
    /// What kind of scene it is.
    pub kind: Kind,
    /// FFmpeg's sources and filters that make it.
    pub graph: &'static str,
}

/// What can be told of a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No frame is like another.
    Moving,
    /// Frames are told apart with difficulty or not at all, by anyone: it may be that nothing can be told.
    Even,
    /// All frames show the same.
    Static,
    /// There is no picture.
    Blank,
}

/// What became of a scene.
#[derive(Debug, Clone, Copy)]
pub struct Treatment {
    /// Its name.
    pub name: &'static str,
    /// FFmpeg's filters.
    pub filters: &'static str,
    /// What kind of change it is.
    pub change: Change,
}

/// What a treatment changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Colour, contrast, sharpness, grain.
    Grade,
    /// The framing.
    Framing,
    /// The times of the pictures.
    Times,
}

macro_rules! still {
    ($filters:literal) => {
        concat!(
            "mandelbrot=s=1280x720:r=25:start_x=-0.743:start_y=-0.131:start_scale=0.02:end_scale=0.01:maxiter=300,",
            "trim=end_frame=1,loop=loop=-1:size=1,setpts=N/25/TB,",
            $filters
        )
    };
}

/// What bases show.
pub const SCENES: [Scene; 21] = [
    Scene { name: "testsrc2", kind: Kind::Moving, graph: "testsrc2=s=640x360:r=25" },
    Scene {
        name: "mandelbrot",
        kind: Kind::Even,
        graph: "mandelbrot=s=640x360:r=25:start_scale=0.3:end_scale=0.03:end_pts=150:maxiter=300",
    },
    Scene {
        name: "life",
        kind: Kind::Moving,
        graph: "life=s=80x45:r=25:mold=10:life_color=#e0c0a0:death_color=#203050:mold_color=#604020:seed=7,scale=640:360:flags=bilinear",
    },
    Scene {
        name: "cellauto",
        kind: Kind::Moving,
        graph: "cellauto=s=80x45:r=25:rule=110:seed=5,format=rgb24,scale=640:360:flags=bilinear",
    },
    Scene {
        name: "noise",
        kind: Kind::Moving,
        graph: "color=0x808080:s=640x360:r=25,noise=alls=60:allf=t:all_seed=5",
    },
    Scene {
        name: "gradients",
        kind: Kind::Even,
        graph: "gradients=s=640x360:r=25:speed=0.05:seed=3:nb_colors=6:d=10",
    },
    Scene { name: "pan", kind: Kind::Even, graph: still!("crop=640:360:x='n*4':y='n*1'") },
    Scene {
        name: "zoom",
        kind: Kind::Even,
        graph: still!(
            "zoompan=z='1+on*0.006':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=1:s=640x360:fps=25"
        ),
    },
    Scene { name: "rotate", kind: Kind::Moving, graph: still!("rotate=a='n*0.012',crop=640:360") },
    Scene { name: "static", kind: Kind::Static, graph: still!("crop=640:360") },
    Scene {
        name: "static, noise",
        kind: Kind::Even,
        graph: still!("crop=640:360,noise=alls=4:allf=t:all_seed=11"),
    },
    Scene {
        name: "slow pan",
        kind: Kind::Even,
        graph: still!("scale=2560:1440,crop=1280:720:x='n':y=300,scale=640:360"),
    },
    Scene {
        name: "loop of 8",
        kind: Kind::Even,
        graph: "testsrc2=s=640x360:r=25,trim=end_frame=8,loop=loop=-1:size=8,setpts=N/25/TB",
    },
    Scene {
        name: "loop of 4",
        kind: Kind::Even,
        graph: "life=s=80x45:r=25:mold=10:seed=9,scale=640:360:flags=bilinear,trim=end_frame=4,loop=loop=-1:size=4,setpts=N/25/TB",
    },
    Scene {
        name: "hand-held",
        kind: Kind::Moving,
        graph: concat!(
            still!(
                "crop=640:360:x='300+40*sin(n/9)+12*sin(n/2.3)':y='160+20*sin(n/7)+9*cos(n/1.9)'"
            ),
            "[back];testsrc2=s=120x90:r=25[front];[back][front]overlay=x='40+n*3':y='150+30*sin(n/6)',noise=alls=6:allf=t:all_seed=3"
        ),
    },
    Scene {
        name: "locked off",
        kind: Kind::Moving,
        graph: concat!(
            still!("crop=640:360"),
            "[back];mandelbrot=s=80x120:r=25:start_scale=0.3:end_scale=0.1[front];",
            "[back][front]overlay=x='280+30*sin(n/5)':y='130+8*sin(n/3)',noise=alls=5:allf=t:all_seed=4"
        ),
    },
    Scene {
        name: "on twos",
        kind: Kind::Even,
        graph: "life=s=80x45:r=25/2:mold=10:life_color=#e0c0a0:seed=21,scale=640:360:flags=bilinear,fps=25",
    },
    Scene { name: "fade", kind: Kind::Even, graph: still!("crop=640:360,fade=t=in:s=0:n=120") },
    Scene {
        name: "flicker",
        kind: Kind::Even,
        graph: still!("crop=640:360,eq=brightness='0.1*sin(n*2.1)':eval=frame"),
    },
    Scene {
        name: "cuts",
        kind: Kind::Moving,
        graph: concat!(
            still!("crop=640:360:x='300+40*sin(n/9)':y='160+20*sin(n/7)',trim=end_frame=55"),
            "[a];testsrc2=s=640x360:r=25,trim=start_frame=20:end_frame=40,setpts=PTS-STARTPTS[b];",
            "life=s=80x45:r=25:mold=10:seed=7,scale=640:360:flags=bilinear,format=yuv444p,trim=end_frame=60[c];[a][b][c]concat=n=3:v=1"
        ),
    },
    Scene {
        name: "black",
        kind: Kind::Blank,
        graph: "color=black:s=640x360:r=25[back];testsrc2=s=160x32:r=25[front];[back][front]overlay=16:16",
    },
];

/// What became of them.
pub const TREATMENTS: [Treatment; 21] = [
    grade("as it is", "null"),
    grade("warm S-curve", "curves=all='0/0 0.25/0.14 0.75/0.88 1/1',colorbalance=rm=0.2:bm=-0.2"),
    grade("night", "eq=brightness=-0.15:contrast=0.5:gamma=0.6,colorbalance=bs=0.2"),
    grade("flat", "curves=all='0/0.25 1/0.7'"),
    grade("red only", "colorchannelmixer=1:0:0:0:1:0:0:0:1:0:0:0"),
    grade("inverted", "negate"),
    grade("vignette", "vignette=angle=PI/3"),
    grade("hard clip", "curves=all='0/0 0.35/0 0.65/1 1/1'"),
    grade("blur, grain", "gblur=sigma=3,noise=alls=14:allf=t:all_seed=77"),
    grade("secondaries", "hue=h=70:s=1.6,colorbalance=rs=0.3:gm=-0.3:bh=0.3"),
    grade("black and white", "hue=s=0,eq=contrast=1.3"),
    grade("noisy", "noise=alls=25:allf=t:all_seed=78"),
    framing(
        "larger by 3 %",
        "crop=iw/1.03:ih/1.03,scale=640:360,curves=all='0/0 0.25/0.18 0.75/0.82 1/1'",
    ),
    framing("larger by 5 %", "crop=iw/1.05:ih/1.05,scale=640:360"),
    framing("larger by 10 %", "crop=iw/1.1:ih/1.1,scale=640:360,eq=gamma=0.8"),
    framing("larger by 6 %, aside", "crop=iw/1.06:ih/1.06:4:8,scale=640:360"),
    framing("smaller by 5 %", "scale=608:342,pad=640:360:16:9"),
    framing("flopped", "hflip"),
    framing("turned by 180 degrees", "hflip,vflip"),
    framing("flopped, night", "hflip,eq=brightness=-0.15:contrast=0.5:gamma=0.6"),
    Treatment { name: "slower by 8 %", filters: "setpts=PTS*1.08,fps=25", change: Change::Times },
];

const fn grade(name: &'static str, filters: &'static str) -> Treatment {
    Treatment { name, filters, change: Change::Grade }
}

const fn framing(name: &'static str, filters: &'static str) -> Treatment {
    Treatment { name, filters, change: Change::Framing }
}

impl Scene {
    /// The scene of a name.
    ///
    /// # Panics
    /// If there is none.
    pub fn named(name: &str) -> Self {
        *SCENES.iter().find(|scene| scene.name == name).expect("a scene has this name")
    }

    /// A base that shows it, from 01:00:00:00, made now if it is not there yet.
    ///
    /// # Panics
    /// Where FFmpeg is missing or fails.
    pub fn base(&self) -> PathBuf {
        self.movie("base.mov", "null", 0..FRAMES, "6")
    }

    /// A clip that shows some frames of it as treated.
    ///
    /// # Panics
    /// As [`base`](Self::base).
    pub fn clip(&self, treatment: &Treatment, frames: Range<u32>) -> PathBuf {
        self.movie("clip.mov", treatment.filters, frames, "9")
    }

    fn movie(&self, name: &str, filters: &str, frames: Range<u32>, quantiser: &str) -> PathBuf {
        let Range { start, end } = frames;
        let graph = format!(
            "{},format=yuv444p,trim=end_frame={FRAMES},{filters},trim=start_frame={start}:end_frame={end},setpts=N/25/TB",
            self.graph
        );
        let mut words =
            vec!["-v", "error", "-y", "-fflags", "+bitexact", "-f", "lavfi", "-i", &graph];
        let timecode = format!("01:00:{:02}:{:02}", start / 25, start % 25);
        let count = (end - start).to_string();
        words.extend(["-frames:v", &count, "-r", "25", "-c:v", "prores_ks", "-profile:v", "hq"]);
        words.extend(["-pix_fmt", "yuv422p10le", "-qscale:v", quantiser]);
        words.extend(["-timecode", &timecode, "-f", "mov"]);
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        cached(name, &words.join(" "), |path| {
            let path = path.display().to_string();
            run("ffmpeg", &[words.as_slice(), &[path]].concat());
        })
    }
}
