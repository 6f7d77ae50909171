#include "tests/simulation/plan/plan.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace parley::simulation {

namespace {

struct calming {
    const char* name;
    void (*apply)(plan&);
};

constexpr calming calmings[] = {
    {"network", [](plan& p) { p.rate.network = {}; }},
    {"disk", [](plan& p) { p.rate.disk = {}; }},
    {"store", [](plan& p) { p.rate.store = {}; }},
    {"hubs", [](plan& p) { p.rate.hubs = {}; }},
    {"clocks", [](plan& p) { p.rate.clocks = {}; }},
    {"limits", [](plan& p) { p.rate.limits = {}; }},
    {"speech", [](plan& p) { p.rate.speech = {}; }},
    {"locks", [](plan& p) { p.rate.locks = true; }},
    {"one_hub", [](plan& p) { p.who.hubs = 1; }},
    {"one_device", [](plan& p) { p.who.devices = 1; }},
    {"one_tab", [](plan& p) { p.who.tabs = 1; }},
    {"one_room", [](plan& p) { p.who.rooms = 0; }},
    {"two_people", [](plan& p) { p.who.people = std::min<std::size_t>(p.who.people, 2); }},
};

bool read_number(std::string_view text, std::uint32_t& number) {
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    return wrong == std::errc{} && end == text.data() + text.size() && !text.empty();
}

}  // namespace

const std::vector<std::string>& calm_names() {
    static const auto names = [] {
        std::vector<std::string> all;
        for (const auto& one : calmings)
            all.emplace_back(one.name);
        return all;
    }();
    return names;
}

plan reduced(plan whole, const reduction& to) {
    if (!to.all_steps)
        std::erase_if(whole.steps, [&](const step& one) {
            return std::find(to.steps.begin(), to.steps.end(), one.index) == to.steps.end();
        });
    for (const auto& one : calmings)
        if (std::find(to.calm.begin(), to.calm.end(), one.name) != to.calm.end()) one.apply(whole);
    return whole;
}

std::string write_steps(const std::vector<std::uint32_t>& steps) {
    if (steps.empty()) return "none";
    std::string out;
    for (std::size_t i = 0; i < steps.size();) {
        auto last = i;
        while (last + 1 < steps.size() && steps[last + 1] == steps[last] + 1)
            ++last;
        if (!out.empty()) out += ',';
        out += std::to_string(steps[i]);
        if (last > i) out += '-' + std::to_string(steps[last]);
        i = last + 1;
    }
    return out;
}

bool read_steps(const std::string& text, std::vector<std::uint32_t>& steps) {
    steps.clear();
    if (text == "none") return true;
    std::string_view rest = text;
    while (true) {
        const auto part = rest.substr(0, rest.find(','));
        const auto dash = part.find('-');
        std::uint32_t first = 0, last = 0;
        if (!read_number(part.substr(0, dash), first)) return false;
        last = first;
        if (dash != part.npos && !read_number(part.substr(dash + 1), last)) return false;
        if (last < first || last > 100'000) return false;
        for (auto i = first; i <= last; ++i)
            steps.push_back(i);
        if (part.size() == rest.size()) break;
        rest.remove_prefix(part.size() + 1);
    }
    std::sort(steps.begin(), steps.end());
    return true;
}

}  // namespace parley::simulation
