#include "tests/disk/faults.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <stdexcept>
#include <sys/mman.h>
#include <unistd.h>

namespace parley::testing {

disk_faults::disk_faults() {
    std::string name = (std::filesystem::temp_directory_path() / "parley-faults-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    if (fd < 0 || ::ftruncate(fd, sizeof(disk_faults_state)) != 0)
        throw std::runtime_error{"no file for faults"};
    file_ = name;
    void* at = ::mmap(nullptr, sizeof(disk_faults_state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    if (at == MAP_FAILED) throw std::runtime_error{"no memory for faults"};
    state_ = new (at) disk_faults_state;
}

disk_faults::~disk_faults() {
    ::munmap(state_, sizeof *state_);
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
}

std::map<std::string, std::string> disk_faults::variables() const {
    return {{"LD_PRELOAD", PARLEY_DISK_FAULTS}, {disk_faults_variable, file_.string()}};
}

void disk_faults::arm(const disk_fault& fault) {
    state_->armed = false;
    state_->fault = fault;
    state_->passed = 0;
    state_->given = 0;
    state_->armed = true;
}

std::string describe(const disk_fault& fault) {
    constexpr std::array calls{"open", "read", "write", "sync", "truncate"};
    constexpr std::array ends{"", ", then killed", ", then power cut"};
    std::string text = calls.at(static_cast<std::size_t>(fault.call));
    text += ' ' + std::to_string(fault.first);
    if (fault.times > 1) text += " and " + std::to_string(fault.times - 1) + " more";
    text += fault.file == disk_file::log ? " on the log: " : " on the database: ";
    text += fault.error == 0 ? "short" : ::strerrorname_np(fault.error);
    if (fault.torn) text += ", torn";
    if (fault.dropped) text += ", dropped";
    return text + ends.at(static_cast<std::size_t>(fault.then));
}

}  // namespace parley::testing
