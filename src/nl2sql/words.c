/* Splitting, folding, stemming and comparing words; see words.h. */
#include "nl2sql/words.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* ---- folding ---- */

/* U+00C0 to U+00DF; the lower-case ones follow in the same order. */
static const char *const latin[32] = {"a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e",
    "i", "i", "i", "i", "d", "n", "o", "o", "o", "o", "oe", "", "oe", "u", "u", "u", "ue", "y",
    "th", "ss"};

enum class { OTHER, LOWER, UPPER, DIGIT };

/* One character of a text: what kind it is, and its folded form. */
struct character {
    enum class class;
    char folded[5];
    size_t bytes;
};

static bool is_latin(const unsigned char *s, size_t len)
{
    return len >= 2 && s[0] == 0xc3 && (s[1] & 0xc0) == 0x80;
}

static struct character character_at(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    struct character c = {.bytes = 1, .folded = {text[0]}};
    if (s[0] >= 'A' && s[0] <= 'Z') {
        c.class = UPPER;
        c.folded[0] = (char)(s[0] - 'A' + 'a');
    } else if (s[0] >= '0' && s[0] <= '9') {
        c.class = DIGIT;
    } else if (is_latin(s, len)) {
        const char *folded = latin[s[1] & 0x1f];
        c.bytes = 2;
        c.class = !*folded ? OTHER : s[1] < 0x9f ? UPPER : LOWER;
        memcpy(c.folded, folded, strlen(folded) + 1);
    } else if ((s[0] >= 'a' && s[0] <= 'z') || s[0] >= 0x80) {
        c.class = LOWER; /* other scripts byte by byte: their case does not matter here */
    }
    return c;
}

/* ---- splitting ---- */

struct splitter {
    void (*word)(void *arg, const char *folded, const char *stem);
    void *arg;
    char text[NL2SQL_WORD_BYTES];
    size_t len;
};

static void end_word(struct splitter *s)
{
    char stem[NL2SQL_WORD_BYTES];
    if (s->len == 0)
        return;
    s->text[s->len] = '\0';
    s->len = 0;
    nl2sql_stem(s->text, stem);
    s->word(s->arg, s->text, stem);
}

/* Between characters of these kinds a new word begins; `next` follows `now`. */
static bool is_boundary(enum class before, enum class now, enum class next)
{
    if (now == DIGIT || before == DIGIT)
        return now != before;
    return now == UPPER && (before == LOWER || (before == UPPER && next == LOWER));
}

void nl2sql_words_each(const char *text, size_t len,
    void (*word)(void *arg, const char *folded, const char *stem), void *arg)
{
    struct splitter s = {.word = word, .arg = arg};
    enum class before = OTHER;
    for (size_t at = 0; at < len;) {
        struct character c = character_at(text + at, len - at);
        at += c.bytes;
        enum class next = at < len ? character_at(text + at, len - at).class : OTHER;
        if (c.class == OTHER || is_boundary(before, c.class, next))
            end_word(&s);
        size_t folded = strlen(c.folded);
        if (c.class != OTHER && s.len + folded < sizeof s.text) {
            memcpy(s.text + s.len, c.folded, folded);
            s.len += folded;
        }
        before = c.class;
    }
    end_word(&s);
}

/* ---- stems ---- */

static bool has_vowel(const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr("aeiouy", word[i]))
            return true;
    }
    return false;
}

/* Replaces the suffix when what stays has at least `least` bytes and a vowel. */
static bool swap_suffix(char *word, size_t *len, const char *suffix, const char *by, size_t least)
{
    size_t cut = strlen(suffix);
    if (*len < cut + least || memcmp(word + *len - cut, suffix, cut) != 0 ||
        !has_vowel(word, *len - cut))
        return false;
    *len -= cut;
    memcpy(word + *len, by, strlen(by) + 1);
    *len += strlen(by);
    return true;
}

struct suffix {
    const char *text, *by;
    size_t least;
};

/* Plurals first, then what makes nouns of verbs and the like; of each list the first that fits. */
static const struct suffix plurals[] = {{"ies", "y", 2}, {"sses", "ss", 1}, {"ches", "ch", 2},
    {"shes", "sh", 2}, {"xes", "x", 2}, {"zes", "z", 2}, {"ss", "ss", 1}, {"us", "us", 1},
    {"is", "is", 1}, {"s", "", 2}};
static const struct suffix derivations[] = {{"ation", "", 5}, {"ion", "", 4}, {"ment", "", 3},
    {"ture", "t", 4}, {"eed", "eed", 1}, {"ing", "", 3}, {"ed", "", 3}, {"al", "", 4},
    {"ly", "", 4}, {"er", "", 4}, {"or", "", 4}};

static void swap_first(char *word, size_t *len, const struct suffix *suffixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (swap_suffix(word, len, suffixes[i].text, suffixes[i].by, suffixes[i].least))
            return;
    }
}

/* Words that only look as if they had a suffix. */
static bool is_whole(const char *word)
{
    static const char *const words[] = {"assembly", "comment", "department", "document", "element",
        "family", "segment", "station", "supply", "version"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

void nl2sql_stem(const char *folded, char *ret)
{
    enum { SHORT = 3, ENDED = 4 }; /* at most so long: left as it is, left with its end */
    size_t len = strlen(folded);
    memcpy(ret, folded, len + 1);
    if (len < SHORT || (unsigned char)ret[0] >= 0x80)
        return;
    swap_first(ret, &len, plurals, sizeof plurals / sizeof plurals[0]);
    if (!is_whole(ret))
        swap_first(ret, &len, derivations, sizeof derivations / sizeof derivations[0]);
    while (len > ENDED && strchr("eiy", ret[len - 1]))
        ret[--len] = '\0';
    if (len > ENDED && ret[len - 1] == ret[len - 2] && strchr("bdfglmnprt", ret[len - 1]))
        ret[--len] = '\0';
}

/* ---- likeness ---- */

enum { TRIGRAMS_MAX = NL2SQL_WORD_BYTES + 2 };

/* Those of the word with two blanks before and one behind it, as pg_trgm has them. */
static size_t trigrams(const char *word, uint32_t ret[TRIGRAMS_MAX])
{
    uint32_t window = ' ' << 8 | ' ';
    size_t count = 0;
    for (const char *p = word; count < TRIGRAMS_MAX; p++) {
        window = (window << 8 | (unsigned char)(*p ? *p : ' ')) & 0xffffff;
        size_t i = 0;
        while (i < count && ret[i] != window)
            i++;
        if (i == count)
            ret[count++] = window;
        if (!*p)
            break;
    }
    return count;
}

/* 1 less the share of letters that have to change; 0 when that is more than a slip or two. */
static double slip(const char *a, const char *b)
{
    size_t len_a = strlen(a), len_b = strlen(b), len = len_a > len_b ? len_a : len_b;
    struct text_nearest nearest = text_nearest_to(a);
    text_nearest_offer(&nearest, b);
    bool near = nearest.best && 4 * nearest.distance <= len;
    return near ? 1 - (double)nearest.distance / (double)len : 0;
}

double nl2sql_likeness(const char *a, const char *b)
{
    uint32_t of_a[TRIGRAMS_MAX], of_b[TRIGRAMS_MAX];
    size_t count_a = trigrams(a, of_a), count_b = trigrams(b, of_b), shared = 0;
    for (size_t i = 0; i < count_a; i++) {
        for (size_t k = 0; k < count_b; k++)
            shared += of_a[i] == of_b[k];
    }
    double trigrams_alike = (double)shared / (double)(count_a + count_b - shared);
    double slipped = slip(a, b);
    return slipped > trigrams_alike ? slipped : trigrams_alike;
}
