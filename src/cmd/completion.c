// Shell completion. The scripts for bash and zsh pass the words of the line to `nomen completion words`, which prints
// what may come next by the option tables: a word and its description per line, or :FILE, :DIR, :RUN and :CONFIG for
// paths that the shell lists itself. The scripts never expand a file's name, since it may contain anything.
#include "cmd/share/command.h"
#include "config/config.h"
#include "draw/plot.h"

#include <stdarg.h>
#include <string.h>

static const Usage USAGE = {
    .command = "completion",
    .brief = "print a script that completes commands in a shell",
    .summary =
        "Prints a script that makes bash or zsh complete commands, options, their values, configs and run directories. "
        "make install puts both scripts where the shells find them. Without make install, do as in the examples.",
    .operand = "bash|zsh",
    .max_operands = 1024,
    .examples = "  eval \"$(nomen completion bash)\"\n"
                "  nomen completion zsh > _nomen    (in a directory of zsh's fpath)\n",
};

static const char BASH[] =
    "# Completion of nomen in bash, made by nomen completion bash.\n"
    "_nomen_values() {\n"
    "    local line place\n"
    "    \"${COMP_WORDS[0]/#\\~\\//$HOME/}\" completion words -- \"$@\" 2>/dev/null | while IFS= read -r line; do\n"
    "        case $line in\n"
    "            :FILE) compgen -f -- \"$word\" ;;\n"
    "            :DIR) compgen -d -- \"$word\" ;;\n"
    "            :CONFIG) compgen -f -X '!*.json' -- \"$word\"; compgen -d -- \"$word\" ;;\n"
    "            :RUN)\n"
    "                for place in runs/* runs/*/seed-*; do\n"
    "                    [[ -f $place/model.safetensors && $place == \"$word\"* ]] && printf '%s\\n' \"$place\"\n"
    "                done\n"
    "                compgen -f -X '!*.safetensors' -- \"$word\"; compgen -d -- \"$word\" ;;\n"
    "            *) printf '%s\\n' \"${line%%$'\\t'*}\" ;;\n"
    "        esac\n"
    "    done | sort -u\n"
    "}\n"
    "\n"
    "_nomen() {\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} line\n"
    "    local words=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n"
    "    # The word as typed, without its quotes. bash adds them again.\n"
    "    case $word in\n"
    "        \\'* | \\\"*) word=${word:1} ;;\n"
    "        =) words+=(=) word='' ;;\n"
    "        *) IFS= read word <<<\"$word\" ;;\n"
    "    esac\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(_nomen_values \"${words[@]}\" \"$word\")\n"
    "    [[ $word != -* ]] && compopt -o filenames 2>/dev/null\n"
    "    return 0\n"
    "}\n"
    "complete -F _nomen nomen\n";

static const char ZSH[] =
    "#compdef nomen\n"
    "# Completion of nomen in zsh, made by nomen completion zsh.\n"
    "_nomen() {\n"
    "    local line program=${~${(Q)words[1]}}\n"
    "    local -a found runs\n"
    "    local -a lines=(${(f)\"$($program completion words -- \"${(@Q)words[2,CURRENT]}\" 2>/dev/null)\"})\n"
    "    [[ $PREFIX == --*=* ]] && compset -P '--*='\n"
    "    for line in $lines; do\n"
    "        case $line in\n"
    "            :FILE) _files ;;\n"
    "            :DIR) _files -/ ;;\n"
    "            :CONFIG) _files -g '*.json' ;;\n"
    "            :RUN)\n"
    "                runs=(runs/*/model.safetensors(N:h) runs/*/seed-*/model.safetensors(N:h))\n"
    "                compadd -f -a runs || _files -g '*.safetensors' ;;\n"
    "            *) found+=(\"${${line//:/\\\\:}/$'\\t'/:}\") ;;\n"
    "        esac\n"
    "    done\n"
    "    (( $#found )) && _describe value found\n"
    "    (( compstate[nmatches] ))\n"
    "}\n"
    "\n"
    "if [[ $funcstack[1] == _nomen ]]; then\n"
    "    _nomen \"$@\"\n"
    "else\n"
    "    compdef _nomen nomen\n"
    "fi\n";

typedef struct Offer {
    Buffer *out;
    const char *prefix; // that words must have
} Offer;

__attribute__((format(printf, 3, 4))) static void offer(const Offer *o, const char *about, const char *format, ...) {
    char word[256];
    va_list args;
    va_start(args, format);
    vsnprintf(word, sizeof word, format, args);
    va_end(args);
    if (word[0] == ':' || strncmp(word, o->prefix, strlen(o->prefix)) == 0)
        buffer_print(o->out, "%s%s%s\n", word, about[0] ? "\t" : "", about);
}

static void offer_commands(const Offer *o) {
    for (size_t i = 0; COMMANDS[i]; i++) offer(o, COMMANDS[i]->usage->brief, "%s", COMMANDS[i]->usage->command);
}

static bool offer_configs(const Offer *o, Error *err) {
    NamedConfigs configs;
    if (!config_list(&configs, o->out->arena, err)) return false;
    for (size_t i = 0; i < configs.n; i++) offer(o, configs.items[i].path, "%s", configs.items[i].name);
    return true;
}

// Offers the values of an argument in the help: words in capitals are files and names, other words are literal.
static bool offer_argument(const Offer *o, const char *argument, Error *err) {
    static const char gaps[] = " |[].", *const places[] = {"FILE", "DIR", "RUN", "CONFIG"};
    for (const char *at = argument + strspn(argument, gaps); *at; at += strspn(at, gaps)) {
        char word[64];
        size_t n = strcspn(at, gaps);
        snprintf(word, sizeof word, "%.*s", (int)n, at);
        at += n;
        if (word[0] >= 'a' && word[0] <= 'z') offer(o, "", "%s", word);
        if (strcmp(word, "COMMAND") == 0) offer_commands(o);
        for (size_t i = 0; strcmp(word, "KIND") == 0 && i < N_PLOT_KINDS; i++) offer(o, "", "%s", PLOT_KINDS[i].name);
        if (strcmp(word, "CONFIG") == 0 && !offer_configs(o, err)) return false;
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            if (strcmp(word, places[i]) == 0) offer(o, "", ":%s", word);
    }
    return true;
}

// Offers what the last of the n >= 2 words may be. bash makes three words of --name=value.
static bool offer_word(Buffer *out, const Usage *usage, const char **words, size_t n, Error *err) {
    const char *last = words[n - 1], *value;
    bool has_equals = n > 2 && strcmp(words[n - 2], "=") == 0;
    const Option *option = options_find(usage, last, &value);
    if (value) {
        has_equals = true;
    } else {
        option = options_find(usage, words[n - 2 - has_equals], &value);
        value = last;
    }
    const Offer o = {out, value};
    if (option && option->kind != OPTION_FLAG && (option->kind != OPTION_MAYBE || has_equals)) {
        for (size_t i = 0; option->choices && option->choices[i]; i++) offer(&o, "", "%s", option->choices[i]);
        return option->choices || offer_argument(&o, option->argument, err);
    }
    if (last[0] != '-') return offer_argument(&o, usage->operand, err);
    for (size_t i = 0; i < usage->n_options; i++) offer(&o, usage->options[i].help, "--%s", usage->options[i].name);
    offer(&o, "show the page of the command", "--help");
    return true;
}

static bool offer_words(Buffer *out, const Texts *words, Error *err) {
    const Command *command = words->n > 1 ? command_find(words->items[0]) : NULL;
    if (command) return offer_word(out, command->usage, words->items, words->n, err);
    bool asks_help = words->n == 2 && strcmp(words->items[0], "help") == 0;
    if (words->n != 1 && !asks_help) return true;
    const Offer o = {out, words->items[words->n - 1]};
    offer_commands(&o);
    if (asks_help) return true;
    offer(&o, "list the commands", "--help");
    offer(&o, "show the version", "--version");
    return true;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)options;
    const char *operand = operands->items[0];
    const Texts words = {operands->n - 1, operands->items + 1};
    Buffer out = {.arena = arena};
    if (strcmp(operand, "words") == 0) return offer_words(&out, &words, err) && command_print(&out, err);
    if (operands->n > 1) return error_usage(err, "unexpected argument \"%s\"", words.items[0]);
    if (strcmp(operand, "bash") != 0 && strcmp(operand, "zsh") != 0)
        return error_usage(err, "unknown shell \"%s\"", operand);
    buffer_print(&out, "%s", operand[0] == 'b' ? BASH : ZSH);
    return command_print(&out, err);
}

const Command completion_command = {COMMANDS_SET_UP, &USAGE, run};
