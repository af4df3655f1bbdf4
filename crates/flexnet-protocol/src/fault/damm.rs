//! Damm's check digit (H. M. Damm, totally anti-symmetric quasigroups, 2004): finds every single wrong digit and every swap of neighbours.

const TABLE: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check digit of a number of up to three digits.
#[expect(clippy::indexing_slicing, reason = "rows and columns are digits, 0 to 9")]
pub(super) fn check_digit(number: u16) -> u8 {
    [number / 100 % 10, number / 10 % 10, number % 10]
        .into_iter()
        .fold(0, |interim, digit| TABLE[usize::from(interim)][usize::from(digit)])
}

#[cfg(test)]
mod tests {
    use super::check_digit;

    #[test]
    fn known_codes() {
        for (number, digit) in [(102, 9), (208, 1), (214, 5), (411, 8), (601, 5), (700, 3)] {
            assert_eq!(check_digit(number), digit, "{number}");
        }
    }

    #[test]
    fn finds_every_wrong_digit_and_every_swap_of_neighbours() {
        let valid = |d: [u16; 4]| u16::from(check_digit(d[0] * 100 + d[1] * 10 + d[2])) == d[3];
        for number in 0..1000_u16 {
            let right = [number / 100, number / 10 % 10, number % 10, u16::from(check_digit(number))];
            for place in 0..4 {
                for digit in (0..10).filter(|&d| d != right[place]) {
                    let mut wrong = right;
                    wrong[place] = digit;
                    assert!(!valid(wrong), "{right:?} heard as {wrong:?}");
                }
            }
            for place in 0..3 {
                let mut swapped = right;
                swapped.swap(place, place + 1);
                assert!(swapped == right || !valid(swapped), "{right:?} heard as {swapped:?}");
            }
        }
    }
}
