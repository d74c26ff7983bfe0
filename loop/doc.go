// Package loop computes which media segments a live stream made of VODs shows at
// an instant, and under which numbers.
//
// A VOD of three segments of 6, 4 and 2 s has the length L = 12 s. From the
// epoch on it loops indefinitely; a segment is published at its end:
//
//	endless index g   0     1   2 3     4   5 6     7   8
//	              |-----|---|-|-----|---|-|-----|---|-|
//	elapsed e     0     6  10 12   18  22 24   30  34 36
//
//	at 12 s, W = 12 s     [0     1   2]
//	at 18 s                 [    1   2 3    ]  a DISCONTINUITY before 3
//	at 22 s                       [  2 3   4]  … 1 has left, the number rose
//
// [Lay] lays a VOD out once: one length for all renditions, one target
// duration, one set of discontinuities. They come from the essential renditions
// alone; the optional ones are fitted to them or left out. What a stream plays is
// then a [Timeline]: plays of laid-out VODs, its items, in eras that follow each
// other, with one number line for each rendition. The next loop, the next VOD and
// a VOD that was edited in place are one thing, the seam between two plays.
// [Timeline.Window] is a pure function of the instant: nothing ticks and no state
// is kept, so a restarted process and a second replica give the same answer. All
// arithmetic is in integer nanoseconds.
//
// The package knows durations and flags only: no address, no text, no clock,
// no I/O and no lock. Its rules come from RFC 8216bis 4.4.3.2, 4.4.3.3, 6.2.1,
// 6.2.2 and 6.2.4.
package loop
