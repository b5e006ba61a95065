# unit tests of each area are in their own file here, to keep changes apart
