# What a device was asked to do: how large its writes were, how many were under way, how long one took.
#
# - In: `before` and `after` with the device's `stat` (Documentation/block/stat.rst), and requests, from
#   `perf script -F time,event,trace` of block_rq_issue.
# - want: the device's number as the kernel prints it, such as `254,0`.
# - Holds: a request that the driver sent back and issued again is counted once, as it was issued last.

function bucket(value,   top) { for (top = 1; top < value; top *= 2) { } return top }

function print_histogram(title, unit, counts, total,   top, bar) {
    printf "\n%s\n", title
    for (top = 1; top <= 1048576; top *= 2)
        if (top in counts) {
            bar = sprintf("%*s", int(counts[top] * 40 / total + 0.5), "")
            gsub(/ /, "#", bar)
            printf "  up to %5d %-4s %7d  %5.1f %%  %s\n", top, unit, counts[top], counts[top] * 100 / total, bar
        }
}

$1 == "before" { writes = -$6; sectors = -$8; wait_ms = -$9; busy_ms = -$11; next }
$1 == "after" { writes += $6; sectors += $8; wait_ms += $9; busy_ms += $11; next }

# TIME EVENT 254,0 W 1048576 () 1234 + 2048 ...: device, operation, bytes, (), first sector, +, sectors
$3 == want && $4 ~ /^W/ {
    for (i = 5; i < NF && $i != "+"; i++) { }
    if ($(i + 1) > 0) size[$(i - 1)] = $(i + 1) / 2
}

END {
    if (!writes) { print "the device wrote nothing"; exit 1 }
    printf "%d writes, %.2f GB: %.0f kB each, %.1f ms each from issue to completion\n", writes, sectors * 512 / 1e9,
        sectors * 512 / writes / 1e3, wait_ms / writes
    if (busy_ms) printf "%.1f writes under way on average while it was busy, %.2f s\n", wait_ms / busy_ms, busy_ms / 1e3
    for (sector in size) { sizes[bucket(size[sector])]++; requests++ }
    print_histogram("sizes of writes", "KiB", sizes, requests)
}
