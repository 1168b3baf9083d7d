"""A make-believe kiro-cli of any generation, for the demo, for trying things and for tests.

    python -m kiro_tui.simulator ARGS…          be kiro-cli
    kiro-tui simulate -- ARGS…                  the same

    KIRO_SIM_PACE=0 python -m kiro_tui.simulator chat --no-interactive --agent-engine=v1 /usage
    KIRO_SIM_VERSION=2.3.0 KIRO_SIM_PLAN=free python -m kiro_tui.simulator chat --no-interactive /usage
    KIRO_SIM_USED=2040.29 KIRO_SIM_OVERAGE=on python -m kiro_tui.simulator chat
    KIRO_SIM_VERSION=2.24.0 python -m kiro_tui.simulator chat --no-interactive --agent-engine=v2 /usage
    KIRO_SIM_LOGIN=signed_out KIRO_SIM_LOG=/tmp/log python -m kiro_tui.simulator whoami

It is an independent witness of what kiro-cli prints: it must never import the code that reads kiro-cli, nor share a
pattern, a wording or a number format with it. It calls nobody, needs no account and spends nothing; what the real
one would have charged, opened or started is only noted in its log. It is started for every poll, so it imports
little and late.

What it is, and how it behaves, is said by environment variables (an unknown KIRO_SIM_ name is an error):

The program
    KIRO_SIM_VERSION        `2.21.1` (default). A list is an update between two starts: `2.20.1*3,2.20.2` is 2.20.1 for
                            three starts, then 2.20.2 for ever; needs KIRO_SIM_COUNTER.
    KIRO_SIM_COUNTER        a file that counts the starts, one byte each.
    KIRO_SIM_EXECUTABLE     a file that is touched when the version changes, as an update in place would.
    KIRO_SIM_DEFAULT_ENGINE `v3`: the engine saved as this machine's default (chat.agentEngine), whatever home is
                            used. Without it `settings/cli.json` below the home counts, then the generation's own.
    KIRO_SIM_BARE           `report`, `summary` or `model`: what the bare `/usage` gives without a named engine.
    KIRO_SIM_FOREIGN        another program of the name kiro-cli: it prints this text for `--version`, e.g.
                            `kiro-cli, version 0.3.1`, and logs every other call as `foreign_called`.
    KIRO_SIM_REFUSES        flags that this version shall not know, e.g. `--legacy-ui,--agent-engine=v1`.
    KIRO_SIM_PACE           how slow it is: 1 (default) as the real one, 0 without a pause, 5 five times slower.

The account
    KIRO_SIM_LOGIN          `builder_id` (default), `idc`, `google`, `github`, `external_idp`, `api_key`, `signed_out`.
    KIRO_SIM_WHOAMI         an unusual form of whoami's answer: `joined_social` (`SocialGoogle`), `nested` (the record
                            under `account`), `empty` (`{}`). These mean signed out, also for `chat` and `acp` unless
                            KIRO_SIM_LOGIN is given: `account_null` (`{"account":null}`, exit 1), `null`,
                            `not_logged_in_exit_0`, `login_required`, `session_expired`.
    KIRO_SIM_EMAIL          `person@example.com`
    KIRO_SIM_PLAN           `free`, `pro`, `pro+` (default), `pro_max`, `power`, `q_developer`, `managed`, `pooled`.
    KIRO_SIM_PLAN_NAME      another name for it; empty prints none.
    KIRO_SIM_USED           `640.25`: all that was used, over the limit included; may be negative.
    KIRO_SIM_LIMIT          `1000`; `none` is an account without a cap, and over ACP so is 999999 or more.
    KIRO_SIM_TITLE          `Credits`: what the service calls the resource.
    KIRO_SIM_RESOURCES      several, instead of the three above: `Credits:640.25/2000,Vibe requests:3/50`.
    KIRO_SIM_BONUSES        name:used/total:days left, e.g. `Welcome bonus:386.34/500:15,Community grant:1/250:3`;
                            `never` instead of the days is a grant without an end. The panel and ACP do not round.
    KIRO_SIM_PACKS          used/total:expiry, e.g. `42.5/100:2027-06-18,0/200:2027-08-01`; the first is the one in use.
    KIRO_SIM_OVERAGE        `off` (default), `on`, `switched_off` (used, then switched off), or `none` where the account
                            is not told about it.
    KIRO_SIM_RESET          `2026-07-01`, or `unknown`; by default the first of the next month, UTC.
    KIRO_SIM_ORGANIZATION   `1`: the account comes through an organisation (`idc`, `managed` and `pooled` always do).
    KIRO_SIM_PERCENT        `100`: a percent that contradicts the figures.
    KIRO_SIM_NOW            `2026-06-11T12:00:00Z`: the day that it believes to have.

How it looks
    KIRO_SIM_LAYOUT         `classic` (default), `box`, or `help` (the samples of its own help: `June 1, 2026`, `░`).
    KIRO_SIM_DATE           `mmdd`, `iso`, or `words` (`Sep 1, 2026`); by default as the version prints it.
    KIRO_SIM_BONUS_LINES    `dash` (default: `Welcome bonus - 1.00/500 used (15 days left)`) or `colon`
                            (`Welcome bonus: 1.00/500 (expires in 15 days)`).
    KIRO_SIM_INLINE         several of: `brief` (the inline report has no row for grants, packs and overage), `clamps`.
    KIRO_SIM_PANEL          `plain`, or `framed` (a title row between rules, and ` esc to close … Tab to switch to
                            /context` as the last row; default from 2.28 on).
    KIRO_SIM_PANEL_BAR      `██`: a filled and an empty cell of the panel's bar, e.g. `▰▱`.

What goes wrong
    KIRO_SIM_FAILURE        one, or several with the place: `service`, `acp:service,report:nothing`, `whoami:hangs`.
                            Places: `report`, `acp`, `panel`, `whoami`, `version`; without one, the first three.
                            `service`, `timeout`, `throttled`, `forbidden`, `expired`, `suspended`, `no_profile`: the
                            service fails.
                            `monthly_limit`, `overage_limit`, `model_unavailable`: a prompt is refused (not over ACP).
                            `signed_out`, `login_prompt`, `auth_portal`, `opening_browser` (hangs): nobody signed in.
                            `summary`, `model`, `context`, `nothing`, `garbled`: an answer without usage.
                            `unknown_flag`, `refused_engine`, `crash`, `mcp_startup`, `key_chain`, `hangs`: kiro-cli
                            fails.
    KIRO_SIM_MANNER         several of: `never_exits`, `mute_on_terminal`, `mute_on_pipes`, `noisy` (MCP lines,
                            warnings, spinners), `slow` (ten seconds before anything), `drips` (a byte at a time).
    KIRO_SIM_OPENS_WITH     what an interactive start shows first: `switch_menu` (the weekly one: Enter changes the
                            whole machine), `trust`, `first_run`.
    KIRO_SIM_OWN_HOME       `signed_out` or `first_run`: how it behaves in a home that is not the user's own ~/.kiro.
    KIRO_SIM_V1_REFUSES_IDC `1`: engine v1 does not accept an Identity Center login.
    KIRO_SIM_V3_READS_HOME  `1`: engine v3 uses ~/.kiro even where KIRO_HOME says otherwise.
    KIRO_SIM_ACP            several of: `log_lines`, `late` (60 s), `out_of_order`, `broken` (-32603),
                            `unknown_fields`, `missing_fields`, `asks` (requests of its own), `lingers` (stays
                            when stdin closes), `exits_1` (ends with 1 after its answer), `signed_out_exit_0`,
                            `token_expired` (-32000), `internal_error` (-32603 with `data.details`),
                            `internal_error_text` (with `data` as text), `no_data` (`success` and nothing else),
                            `minimal` (the fewest fields that were seen), and placeholders: `unknown_plan`,
                            `no_rate` (0.0), `no_limit` (0 and `hasLimit` false).
    KIRO_SIM_HOSTILE        several of hostile.py: `setsid_holder`, `double_fork`, `background`, `envless`,
                            `term_forker`, `tree`, `hopper`, `ignores_signals`, `closes_everything`,
                            `waits_for_cursor`, `flood`, `garbage`.
    KIRO_SIM_HOSTILE_SECONDS  `30`: none of them outlives this.

What a start may break
    KIRO_SIM_REFRESH        seconds (whatever the pace) for which the sign-in is refreshed after an answer: `1.2`, or
                            by place: `acp:1.2,chat:0.5,whoami:0.5`. A signal meanwhile breaks the sign-in.
    KIRO_SIM_SIGN_IN        a file with a row for each state of a refresh: `refreshing PID`, `refreshed PID`, and
                            `broken PID` after a signal. While one is broken, or was killed, nobody is signed in;
                            `login` mends it.
    KIRO_SIM_HARM           `1`: every start of engine v3, `acp` included, takes the status out of the `running` and
                            `queued` files `tasks/*/*.meta.json` below HOME/.kiro and leaves a log folder there. It is
                            refused where HOME is this user's real home; without it only `v3_started` is logged.

The demo
    KIRO_SIM_DEMO_SINCE     `2026-11-23T01:02:03Z`: the account is a pure function of the time since then, a month that
                            moves while you watch (month.py); replaces all of "The account" but the login.
    KIRO_SIM_DEMO_SPEED     `1`; 2 is twice as fast.

For tests
    KIRO_SIM_FILE           a file of NAME=value lines that override these variables, read at every start: what changes
                            between two polls. `login` and `logout` write to it.
    KIRO_SIM_LOG            a file that gets one JSON object per line and event, each with its pid: `started` (argv, on,
                            version, cwd), `charged` (credits, prompt), `browser` (url), `wrote` and `rewrote` (path),
                            `mcp_server` (name, path), `acp` (method), `key` (key, during, line), `harm` (what),
                            `cursor` (answered), `hostile` (kind), `v3_started`, `refresh` (state),
                            `foreign_called` (argv).

Obeyed as by the real one: KIRO_HOME, KIRO_API_KEY, KIRO_AGENT_ENGINE, HOME, and BROWSER, which is really run when
somebody who is signed out starts a chat: a program that should have disarmed it will notice.
"""
