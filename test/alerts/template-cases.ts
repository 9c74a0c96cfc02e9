/**
 * Templates for an alert on the series `up{job="api",instance="host.example:8000",path="/a b"}` with this value. templates.test.ts
 * compares their expansion with promtool's.
 */
export interface TemplateCase {
  readonly value: number;
  readonly templates: readonly string[];
}

const NUMBERS = [
  0, 1, -1, 0.5, 1.5, 2.5, 0.125, 0.1, 1e-5, 0.00012345, 99.99, 999.95, 999.9499, 1000, 1234.5678,
  100_000, 999_999, 1_000_000, 1_234_567, 123_456_789.123, 1e15, 1e20, 1e21, 1.7e22, 1e23, 5e-324,
  1e-7, 3.1417, 59.99, 60, 3_723, 90_061, 1_435_781_430.781, 0.0049999, 1_023, 1_024, 1_536, 1e9,
  -0.25, -12_345.678, -90_061,
];

/** Each number is expanded with each of these. */
const NUMBER_TEMPLATES = [
  "{{ $value }}",
  "{{ .Value | humanize }}",
  "{{ humanize1024 $value }}",
  "{{ $value | humanizePercentage }}",
  '{{ printf "%v %g %e %f" $value $value $value $value }}',
  '{{ printf "%.0f %.1f %.2f %.3f %.10f" $value $value $value $value $value }}',
  '{{ printf "%.0g %.1g %.3g %.4g %.17g %.25g" $value $value $value $value $value $value }}',
  '{{ printf "%.0e %.2E %.3G %.20e" $value $value $value $value }}',
  '{{ printf "[%8.2f] [%-10.1f] [%+.2f] [% .1f] [%010.3f] [%+08.1f]" $value $value $value $value $value $value }}',
  '{{ printf "%d" $value }} {{ printf "%s|%q|%t|%5.2d" $value $value $value $value }}',
  "{{ if gt $value 1.0 }}more{{ else if eq $value 1.0 }}one{{ else }}less{{ end }}",
];

const TEXTS = [
  "plain",
  "",
  "{{ $labels.job }} on {{ .Labels.instance }}",
  "{{ $labels.missing }}|{{ .Labels.missing }}",
  "{{ $labels }}",
  "{{ .ExternalURL }}{{ $externalURL }}|",
  "{{ $externalLabels.region }}",
  "{{ or $labels.missing `any server` }} {{ or $labels.job `none` }} {{ and $labels.job $labels.missing }}",
  "{{ or $labels.job (query `nothing` | first) }} {{ and $labels.missing (query `nothing` | first) }}|",
  "{{ if $labels.missing }}{{ $value }}{{ else }}not there{{ end }}",
  "{{ if and $labels.job (not $labels.missing) }}yes{{ end }}",
  "{{ if or (eq $labels.job `web`) (eq $labels.job `api` `db`) }}yes{{ else }}no{{ end }}",
  "{{ with $labels.job }}{{ . }} {{ $labels.instance }}{{ end }}{{ with $labels.missing }}x{{ else }}y{{ end }}",
  "{{ range $name, $text := $labels }}{{ $name }}={{ $text }};{{ end }}",
  "{{ range .Labels }}{{ . }};{{ end }}",
  "{{ range $text := $labels }}{{ if eq $text `api` }}{{ continue }}{{ end }}{{ $text }}{{ break }}{{ end }}",
  "{{ range query `nothing` }}x{{ else }}none{{ end }}",
  "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}",
  "a {{- ` b ` -}} c",
  "a  {{/* a comment }} */}}  b{{- /* and another */ -}}  c",
  "{{ title `hello brave new-world` }} {{ toUpper $labels.job }} {{ $labels.job | toLower | title }}",
  "{{ match `^host\\.` $labels.instance }} {{ match `x+` `aXb` }} {{ match `(?i)x+` `aXb` }}",
  "{{ reReplaceAll `(.*)\\.(.*):\\d+` `$2 of $1` $labels.instance }}",
  "{{ reReplaceAll `a*` `<$0>` `baaac` }} {{ reReplaceAll `(?P<x>.)` `${x}$x$1$$` `ab` }} {{ reReplaceAll `a` `$1x` `banana` }}",
  "{{ stripPort $labels.instance }} {{ stripPort `[::1]:80` }} {{ stripPort `no port` }} {{ stripPort `a:b:c` }} {{ stripPort `[::1]` }}",
  "{{ stripDomain $labels.instance }} {{ stripDomain `a.b.c` }} {{ stripDomain `10.0.0.1:80` }}",
  "{{ parseDuration `1h30m` }} {{ parseDuration `90s` | humanizeDuration }}",
  '{{ graphLink `up{job="a b"}` }} {{ tableLink `sum(rate(x[5m])) + 1 ~ !\'*` }}',
  '{{ html `<a href="x">\'&` }} {{ urlquery `a b&c/d` }} {{ `<b>` | safeHtml }}',
  "{{ len $labels }} {{ len `äb` }} {{ index $labels `job` }} {{ index $labels `missing` }}",
  "{{ print 1 2 `x` 3 4.5 true }} {{ println `a` 1 }}|",
  "{{ printf `%d %5d|%-5d|%05d|%+d|%x|%X|%o|%b|%c|%q` 42 42 42 42 42 255 255 8 5 65 65 }}",
  '{{ printf `%s %10s|%-10s|%.2s|%q|%x|%v|%d|%t` `text` `text` `text` `text` `te"xt` `text` `text` `text` `text` }}',
  "{{ printf `%t %v %s` true false true }} {{ printf `100%%` }} {{ printf `%d` }} {{ printf `x` 1 `y` }}",
  "{{ printf `%s` $labels }} {{ printf `%f %s %g` 5 5 5 }} {{ printf `%.3d|%5.3d|%05.3d` 7 7 7 }}",
  '{{ printf "tab\\tquote\\" \\u00e4 \\x41" }}',
  "{{ 'a' }} {{ 0x1F }} {{ 1_000 }} {{ 1e3 }} {{ -5 }} {{ .5 }} {{ 017 }} {{ true }}",
  "{{ humanize 1234567 }} {{ humanize `1234567` }} {{ humanizeDuration 90 }} {{ humanizeTimestamp 1435065584 }}",
  "{{ humanizePercentage `0.5` }} {{ humanize1024 1048576 }}",
  "{{ query `up` | first | value }} {{ query `up` | first | label `instance` }}",
  "{{ with query `up` }}{{ . | first | value | humanize }} {{ len . }}{{ end }}",
  "{{ range query `other` | sortByLabel `n` }}{{ .Labels.n }}:{{ .Value }} {{ end }}",
  "{{ range $i, $s := query `sort(other)` }}{{ $i }}={{ $s.Labels.n }},{{ end }}",
  "{{ (query `sum(other)` | first).Value }} {{ (index (query `sort_desc(other)`) 0).Labels.n }}",
  "{{ printf `count(other) > %.0f` 1.0 | query | len }}",
  "{{ with printf `other{n='%s'}` `a` | query }}{{ . | first | value }}{{ end }}",
  "{{ range $n := (args `x` `y`) }}{{ $n }}{{ end }}",
  "{{ strvalue (first (query `other{n='a'}`)) }}|",
  "{{ lt 1 2 }} {{ le 2 2 }} {{ gt `b` `a` }} {{ ge 1.5 2.5 }} {{ ne `a` `b` }} {{ eq 1 2 1 }} {{ not 0 }} {{ not `` }}",
  "{{ $labels.job }}{{ $labels.path }}{{`{{ not an action }}`}}",
  '{{if eq $labels.job "api"}}{{if eq $labels.path "x"}}1{{else if eq $labels.path "/a b"}}2{{end}}{{end}}',
  "ünïcode {{ toUpper `straße` }} 😀 {{ printf `%5s|%.1s` `😀` `😀x` }}",
];

export const TEMPLATE_CASES: readonly TemplateCase[] = [
  // Above 2^63 ns, expansion fails.
  ...NUMBERS.filter((value) => Math.abs(value) < 9e9).map((value) => ({
    value,
    templates: ["{{ $value | humanizeTimestamp }}"],
  })),
  // Above 2^63 s, digits are insignificant.
  ...NUMBERS.filter((value) => Math.abs(value) < 9e18).map((value) => ({
    value,
    templates: ["{{ $value | humanizeDuration }}"],
  })),
  ...NUMBERS.map((value) => ({ value, templates: NUMBER_TEMPLATES })),
  { value: 42.5, templates: TEXTS },
];

/** Templates that parse and fail to expand. */
export const FAILING_TEMPLATES = [
  "{{ if gt $value 5 }}x{{ end }}",
  "{{ query `nothing` | first | value }}",
  "{{ query `up{` }}",
  "{{ humanize `abc` }}",
  "{{ toUpper $value }}",
  "{{ $labels.job.x }}",
  "{{ eq $labels.job 1 }}",
  "{{ index (query `up`) 5 }}",
  "{{ parseDuration `x` }}",
  "{{ range $value }}{{ end }}",
  "{{ lt true false }}",
  "{{ label 5 (first (query `up`)) }}",
  "{{ humanizeTimestamp 1e30 }}",
];

/** Templates that do not parse, in Tepal and in promtool. */
export const BROKEN_TEMPLATES = [
  "{{ $value",
  "{{ $value }",
  "{{ $nothing }}",
  "{{ nothing $value }}",
  "{{ if $value }}",
  "{{ end }}",
  "{{ if $value }}{{ else }}{{ else }}{{ end }}",
  "{{ }}",
  "{{ `open }}",
  '{{ "open }}',
  '{{ "\\k" }}',
  "{{ (1 }}",
  "{{ $value | 5 }}",
  "{{ break }}",
  "{{ if }}x{{ end }}",
  "{{ range $i, := $labels }}{{ end }}",
  "{{ with $x := $value }}{{ end }}{{ $x }}",
  "{{ /* open }}",
  "{{ 089 }}",
  "{{ 'ab' }}",
  "{{ ; }}",
];
