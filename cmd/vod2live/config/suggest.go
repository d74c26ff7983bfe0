package config

import "strings"

// longestWord is the longest that is compared.
const longestWord = 64

// Suggest returns the candidate that is most likely meant by a misspelled
// word; empty: none is near.
func Suggest(word string, candidates []string) string {
	if len(word) > longestWord {
		return ""
	}
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		d := distance(strings.ToLower(word), strings.ToLower(c))
		if len(c) > 2 && strings.HasPrefix(word, c) || len(word) > 2 && strings.HasPrefix(c, word) {
			d = 1
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

// didYouMean is the end of a message about an unknown word.
func didYouMean(prefix, word string, candidates []string) string {
	if near := Suggest(word, candidates); near != "" {
		return "; did you mean " + prefix + near + "?"
	}
	return ""
}

// distance counts the insertions, deletions, substitutions and swaps of
// neighbors that turn a into b (optimal string alignment).
func distance(a, b string) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+change)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
