#!/bin/sh
# Makes the three movies of `intercut demo`: a base that is as empty as a blank rush, and two graded shots.
# Run once, with FFmpeg; what it made is committed, so that nobody needs FFmpeg to build or to see the demo.
#
#   base.mov     100 frames, 25 fps, 01:00:00:00, nearly black, mono PCM sound (a quiet tone)
#   shot_A.mov    25 frames from 01:00:01:00, base frames 25 to 49
#   shot_B.mov    18 frames from 01:00:02:12, base frames 62 to 79
set -eu
cd "$(dirname "$0")"

# ProRes 4444 without alpha; the quantiser is coarse, because the movies travel inside the binary.
picture="-c:v prores_ks -profile:v 4444 -pix_fmt yuv444p10le -vendor apl0 -alpha_bits 0
    -color_primaries bt709 -color_trc bt709 -colorspace bt709"
# No dates, no version numbers and one thread, so that another run makes the same movies.
steady="-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 -threads 1"

# shellcheck disable=SC2086 # the options are several words
make() {
    name=$1 reel=$2 timecode=$3
    shift 3
    ffmpeg -v error -y "$@" $picture $steady -timecode "$timecode" \
        -metadata:s:v reel_name="$reel" "$name.mov"
}

# Shots of both reels go into the base: it names none.
make base "     " 01:00:00:00 \
    -f lavfi -i "color=c=0x101014:size=160x90:rate=25:duration=4" \
    -f lavfi -i "sine=frequency=220:sample_rate=48000:duration=4" \
    -qscale:v 8 -c:a pcm_s16le -ac 1
make shot_A A001 01:00:01:00 \
    -f lavfi -i "testsrc2=size=160x90:rate=25:duration=1" -qscale:v 24
make shot_B B001 01:00:02:12 \
    -f lavfi -i "gradients=size=160x90:rate=25:duration=0.72:c0=0x102040:c1=0xe08030:speed=0.05:seed=7:nb_colors=2" \
    -qscale:v 8
