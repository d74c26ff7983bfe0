package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestCORS_OriginsAreThoseThatBrowsersSend(t *testing.T) {
	for text, want := range map[string]CORS{
		`{}`:               {},
		`{ origins: "*" }`: {},
		`{ origins: [ "*" ], credentials: false }`:                                                    {},
		`{ origins: https://app.example.com }`:                                                        {Origins: []string{"https://app.example.com"}},
		`{ origins: [ "http://A.test:80", "https://a.test:80", "https://a.test:4443" ] }`:             {Origins: []string{"http://a.test", "https://a.test:80", "https://a.test:4443"}},
		`{ origins: [ "capacitor://localhost", "http://[::1]:3000", "${PAGE}" ], credentials: true }`: {Origins: []string{"capacitor://localhost", "http://[::1]:3000", "https://env.test"}, Credentials: true},
	} {
		f, err := parse([]byte("cors: "+text+"\n"), environment("PAGE", "https://env.test"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if !reflect.DeepEqual(f.CORS, want) {
			t.Errorf("%s: %+v, want %+v", text, f.CORS, want)
		}
	}
}

func TestCORS_MistakesAreTold(t *testing.T) {
	const unnamed, notPage = "credentials need the origins of pages by name", "is not the origin of a page"
	for text, want := range map[string]string{
		`{ credentials: true }`:                             "f:1:7: " + unnamed,
		`{ origins: [ "*" ], credentials: true }`:           "f:1:7: " + unnamed,
		`{ origins: [ "*", "https://a.test" ] }`:            "f:1:7: origins are either * or names",
		`{ origins: [] }`:                                   "f:1:18: origins need at least one",
		`{ origins: [ "https://a.test/" ] }`:                "f:1:20: \"https://a.test/\" " + notPage,
		`{ origins: [ "https://a.test/player" ] }`:          notPage,
		`{ origins: [ "https://user:pw@a.test" ] }`:         notPage,
		`{ origins: [ "https://a.test?x" ] }`:               notPage,
		`{ origins: [ "https://a.test#x" ] }`:               notPage,
		`{ origins: [ "https://*.a.test" ] }`:               notPage,
		`{ origins: [ "https://ü.test" ] }`:                 notPage,
		`{ origins: [ "https://a.test,https://b.test" ] }`:  notPage,
		`{ origins: [ app.example.com ] }`:                  notPage,
		`{ origins: [ "null" ] }`:                           notPage,
		`{ origins: [ "" ] }`:                               notPage,
		`{ origins: [ https://a.test ], credentials: yes }`: `credentials "yes": not true or false`,
		`{ origins: [ https://a.test ], credential: true }`: "unknown key",
		`{ origins: [ "https://${PW}.a.test/" ] }`:          `"https://${PW}.a.test/" ` + notPage,
	} {
		_, err := parse([]byte("cors: "+text+"\n"), environment("PW", "geheim"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		} else if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: a value of the environment is shown: %v", text, err)
		}
	}
}
