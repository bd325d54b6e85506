// Completion scripts out of the option tables. What a word is completed with follows from what the help calls it: FILE,
// DIR, RUN, CONFIG, COMMAND and KIND (of a picture), and words in small letters as they stand ("race|inverse",
// "RUN|CONFIG", "RUN [FILE|-]"). No name of a file is ever expanded: what a directory holds is data, whatever a shell
// would read in it.
#include "cmd/share/command.h"
#include "draw/plot.h"

#include <string.h>

static const Usage USAGE = {
    .command = "completion",
    .brief = "what makes a shell complete nomen's words",
    .summary =
        "Prints a script that makes bash or zsh complete commands, options, their values, configs and run directories. "
        "make install puts both where the shells look; without it:",
    .operand = "bash|zsh",
    .min_operands = 1,
    .max_operands = 1,
    .examples = "  eval \"$(nomen completion bash)\"\n"
                "  nomen completion zsh > _nomen    (in a directory of zsh's fpath)\n",
};

static bool is_word(const char *word, const char *text, size_t n) {
    return strlen(word) == n && memcmp(word, text, n) == 0;
}

static void add_kind(Buffer *out, size_t *n_added, const char *word, size_t n) {
    buffer_print(out, "%s%.*s", (*n_added)++ > 0 ? " " : "", (int)n, word);
}

// The words of "RUN [FILE|-]..." that are completed, parted by spaces.
static void add_kinds(Buffer *out, const char *argument) {
    static const char *const known[] = {"FILE", "DIR", "RUN", "CONFIG"};
    static const char gaps[] = " |[].";
    size_t n_added = 0;
    for (const char *at = argument + strspn(argument, gaps); *at; at += strspn(at, gaps)) {
        size_t n = strcspn(at, gaps);
        bool completes = *at >= 'a' && *at <= 'z';
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) completes = completes || is_word(known[i], at, n);
        if (completes) add_kind(out, &n_added, at, n);
        for (size_t i = 0; is_word("COMMAND", at, n) && COMMANDS[i]; i++)
            add_kind(out, &n_added, COMMANDS[i]->usage->command, strlen(COMMANDS[i]->usage->command));
        for (size_t i = 0; is_word("KIND", at, n) && i < N_PLOT_KINDS; i++)
            add_kind(out, &n_added, PLOT_KINDS[i]->name, strlen(PLOT_KINDS[i]->name));
        at += n;
    }
}

static void add_option_kinds(Buffer *out, const Option *option) {
    for (size_t i = 0; option->choices && option->choices[i]; i++)
        buffer_print(out, "%s%s", i > 0 ? " " : "", option->choices[i]);
    if (!option->choices) add_kinds(out, option->argument);
}

static const char BASH_START[] =
    "# Completion of nomen in bash, as nomen completion bash prints it.\n"
    "\n"
    "# What the words of $1 stand for and begins with $2, one a line.\n"
    "_nomen_values() {\n"
    "    local kind place\n"
    "    for kind in $1; do\n"
    "        case $kind in\n"
    "            FILE) compgen -f -- \"$2\" ;;\n"
    "            DIR) compgen -d -- \"$2\" ;;\n"
    "            RUN)\n"
    "                for place in runs/* runs/*/seed-*; do\n"
    "                    [[ -f $place/model.safetensors && $place == \"$2\"* ]] && printf '%s\\n' \"$place\"\n"
    "                done\n"
    "                compgen -d -- \"$2\"\n"
    "                compgen -f -X '!*.safetensors' -- \"$2\" ;;\n"
    "            CONFIG)\n"
    "                \"${COMP_WORDS[0]}\" configs 2>/dev/null | while IFS= read -r place; do\n"
    "                    place=${place##*/} place=${place%.json}\n"
    "                    [[ $place == \"$2\"* ]] && printf '%s\\n' \"$place\"\n"
    "                done\n"
    "                compgen -f -X '!*.json' -- \"$2\"\n"
    "                compgen -d -- \"$2\" ;;\n"
    "            *) [[ $kind == \"$2\"* ]] && printf '%s\\n' \"$kind\" ;;\n"
    "        esac\n"
    "    done\n"
    "}\n"
    "\n"
    "_nomen() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options kinds place\n"
    "    # bash parts --name=value into three words.\n"
    "    if [[ $word == = ]]; then\n"
    "        word='' before+='='\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD-2]}=\n"
    "    fi\n"
    "    # The word as typed, its quotes taken off; bash puts them on again.\n"
    "    case $word in\n"
    "        \\'* | \\\"*) word=${word:1} ;;\n"
    "        *) IFS= read word <<<\"$word\" ;;\n"
    "    esac\n";

static const char BASH_END[] =
    "    [[ $word == -* ]] && kinds=$options\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r place; do COMPREPLY+=(\"$place\"); done < <(_nomen_values \"$kinds\" \"$word\" | sort -u)\n"
    "    [[ $kinds == *[A-Z]* ]] && compopt -o filenames 2>/dev/null\n"
    "    return 0\n"
    "}\n"
    "complete -F _nomen nomen\n";

static void add_bash_command(Buffer *out, const Usage *usage) {
    buffer_print(out, "        %s)\n            options='--help", usage->command);
    for (size_t i = 0; i < usage->n_options; i++) buffer_print(out, " --%s", usage->options[i].name);
    buffer_print(out, "' kinds='");
    add_kinds(out, usage->operand);
    buffer_print(out, "'\n            case $before in\n");
    for (size_t i = 0; i < usage->n_options; i++) {
        const Option *option = &usage->options[i];
        if (option->kind == OPTION_FLAG) continue;
        buffer_print(out, "                --%s=", option->name);
        if (option->kind != OPTION_MAYBE) buffer_print(out, " | --%s", option->name);
        if (option->letter) buffer_print(out, " | -%c", option->letter);
        buffer_print(out, ") options='' kinds='");
        add_option_kinds(out, option);
        buffer_print(out, "' ;;\n");
    }
    buffer_print(out, "            esac ;;\n");
}

static void add_bash(Buffer *out) {
    buffer_print(out, "%s    case ${COMP_CWORD}${COMP_WORDS[1]} in\n        1*) kinds='", BASH_START);
    for (size_t i = 0; COMMANDS[i]; i++) buffer_print(out, "%s ", COMMANDS[i]->usage->command);
    buffer_print(out, "' options='--help --version' ;;\n    esac\n");
    buffer_print(out, "    ((COMP_CWORD > 1)) && case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; COMMANDS[i]; i++) add_bash_command(out, COMMANDS[i]->usage);
    buffer_print(out, "    esac\n%s", BASH_END);
}

static const char ZSH_START[] =
    "#compdef nomen\n"
    "# Completion of nomen in zsh, as nomen completion zsh prints it.\n"
    "\n"
    "# Completes what the words given stand for.\n"
    "_nomen_values() {\n"
    "    local kind\n"
    "    local -a found\n"
    "    for kind; do\n"
    "        case $kind in\n"
    "            FILE) _files ;;\n"
    "            DIR) _files -/ ;;\n"
    "            RUN)\n"
    "                found=(runs/*/model.safetensors(N:h) runs/*/seed-*/model.safetensors(N:h))\n"
    "                compadd -f -a found || _files -g '*.safetensors' ;;\n"
    "            CONFIG)\n"
    "                found=(${${${(f)\"$($program configs 2>/dev/null)\"}##*/}%.json})\n"
    "                compadd -a found\n"
    "                _files -g '*.json' ;;\n"
    "            *) compadd -- $kind ;;\n"
    "        esac\n"
    "    done\n"
    "}\n"
    "\n"
    "_nomen() {\n"
    "    local context state state_descr line program=${(Q)words[1]}\n"
    "    local -a commands\n"
    "    typeset -A opt_args\n"
    "    _arguments -C '(- *)'{-h,--help}'[list the commands]' '(- *)--version[show the version]' \\\n"
    "        '1:command:->command' '*::word:->word'\n"
    "    if [[ $state == command ]]; then\n"
    "        commands=(\n";

static const char ZSH_END[] = "    esac\n"
                              "}\n"
                              "\n"
                              "if [[ $funcstack[1] == _nomen ]]; then\n"
                              "    _nomen \"$@\"\n"
                              "else\n"
                              "    compdef _nomen nomen\n"
                              "fi\n";

// Within single quotes, `marks` behind a backslash.
static void add_zsh_text(Buffer *out, const char *text, const char *marks) {
    for (; *text; text++) {
        if (*text == '\'')
            buffer_print(out, "'\\''");
        else
            buffer_print(out, strchr(marks, *text) ? "\\%c" : "%c", *text);
    }
}

static void add_zsh_option(Buffer *out, const Option *option) {
    bool has_value = option->kind != OPTION_FLAG, maybe = option->kind == OPTION_MAYBE;
    buffer_print(out, " \\\n                ");
    if (option->kind == OPTION_LIST) buffer_print(out, "'*'");
    if (option->letter)
        buffer_print(out, "{-%c%s,--%s%s}", option->letter, has_value ? "+" : "", option->name, has_value ? "=" : "");
    else
        buffer_print(out, "--%s%s", option->name, maybe ? "=-" : has_value ? "=" : "");
    buffer_print(out, "'[");
    add_zsh_text(out, option->help, "[]");
    buffer_print(out, "]");
    if (has_value) {
        buffer_print(out, maybe ? "::" : ":");
        add_zsh_text(out, option->argument, ":");
        buffer_print(out, ": _nomen_values ");
        add_option_kinds(out, option);
    }
    buffer_print(out, "'");
}

static void add_zsh_command(Buffer *out, const Usage *usage) {
    buffer_print(out, "        %s)\n            _arguments -S '(- *)'{-h,--help}'[show the page of the command]'",
                 usage->command);
    for (size_t i = 0; i < usage->n_options; i++) add_zsh_option(out, &usage->options[i]);
    if (usage->max_operands > 0) {
        buffer_print(out, " \\\n                '*:");
        add_zsh_text(out, usage->operand, ":");
        buffer_print(out, ": _nomen_values ");
        add_kinds(out, usage->operand);
        buffer_print(out, "'");
    }
    buffer_print(out, " ;;\n");
}

static void add_zsh(Buffer *out) {
    buffer_print(out, "%s", ZSH_START);
    for (size_t i = 0; COMMANDS[i]; i++) {
        buffer_print(out, "            '%s:", COMMANDS[i]->usage->command);
        add_zsh_text(out, COMMANDS[i]->usage->brief, ":");
        buffer_print(out, "'\n");
    }
    buffer_print(out, "        )\n        _describe command commands\n        return\n    fi\n    case $words[1] in\n");
    for (size_t i = 0; COMMANDS[i]; i++) add_zsh_command(out, COMMANDS[i]->usage);
    buffer_print(out, "%s", ZSH_END);
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)options;
    Buffer out = {.arena = arena};
    const char *shell = operands->items[0];
    if (strcmp(shell, "bash") == 0) {
        add_bash(&out);
    } else if (strcmp(shell, "zsh") == 0) {
        add_zsh(&out);
    } else {
        error_set(err, "no completion for the shell \"%s\": expected bash or zsh", shell);
        options_wrong(&USAGE, err);
        return command_failed(err);
    }
    return command_print(&out, err);
}

const Command completion_command = {COMMANDS_SET_UP, &USAGE, run};
