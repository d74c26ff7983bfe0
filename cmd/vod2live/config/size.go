package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is bytes, from the least on.
func Size(to *int64, least int64) Value {
	form := schema{"type": []string{"string", "integer"}, "minimum": 0, "pattern": `^[0-9]+ *([KMGT]i?B|B)?$|\$\{`}
	return Value{Unit: "SIZE", schema: form, set: func(text string) error {
		n, err := ParseSize(text)
		if err != nil {
			return err
		}
		if n < least {
			return &invalid{text: "too small: at least " + mebibytes(least)}
		}
		*to = n
		return nil
	}}
}

// SizeOrOff is bytes, from the least on, or 0.
func SizeOrOff(to *int64, least int64) Value {
	v := Size(to, least)
	atLeast := v.set
	v.set = func(text string) error {
		if n, err := ParseSize(text); err == nil && n == 0 {
			*to = 0
			return nil
		} else if err == nil && n < least {
			return &invalid{text: "too small: at least " + mebibytes(least) + ", or 0 for off"}
		}
		return atLeast(text)
	}
	return v
}

func mebibytes(n int64) string { return strconv.FormatInt(n>>20, 10) + "MiB" }

type unit struct {
	name  string
	bytes int64
}

var units = []unit{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1}}

// ParseSize reads bytes, with a unit if there is one.
func ParseSize(text string) (int64, error) {
	for _, unit := range units {
		digits, is := strings.CutSuffix(text, unit.name)
		if !is {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > (1<<62)/unit.bytes {
			break
		}
		return n * unit.bytes, nil
	}
	return 0, &invalid{"not a size such as 512MiB or 2GiB", sizeMeant(text)}
}

// sizeMeant guesses: one letter is a binary unit, and so is one in other case;
// halves are written in the unit below.
func sizeMeant(text string) string {
	number := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	letters := strings.ToUpper(strings.TrimSpace(text[len(number):]))
	n, err := strconv.ParseFloat(number, 64)
	if letters == "" || err != nil || n <= 0 || n > 1e6 {
		return ""
	}
	at := strings.IndexByte("KMGT", letters[0])
	if at < 0 || letters[1:] != "" && letters[1:] != "B" && letters[1:] != "IB" && letters[1:] != "I" {
		return ""
	}
	if n == float64(int64(n)) {
		return fmt.Sprintf("%d%s", int64(n), units[at].name)
	}
	if at == 0 {
		return ""
	}
	return fmt.Sprintf("%d%s", int64(n*1024), units[at-1].name)
}
